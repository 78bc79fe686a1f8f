/** RFC 8707 §2: the resources of the demonstration, by the addresses that requests name. */
export interface DemoResources {
  /** The demo API. It is called at this address. */
  api: string
  /** A second one, so that a request can be about several. Nothing answers there. */
  bank: string
}

/** RFC 8707 §2: the resources when the demo API runs on this port; none when it does not run. */
export function demoResources(demoApiPort: number): DemoResources | undefined {
  if (demoApiPort === 0) return undefined
  const api = `http://localhost:${demoApiPort}`
  return { api, bank: `${api}/bank` }
}
