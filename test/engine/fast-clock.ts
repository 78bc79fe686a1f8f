/** How much faster it is than the world's: what takes a minute by the rules takes three seconds here. */
const speed = 20

/** A clock that all processes share which know when it began, in milliseconds since 1970. */
export function fastClock(began: number): () => Date {
  return () => new Date(began + (Date.now() - began) * speed)
}
