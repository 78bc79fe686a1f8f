/** RFC 8707 §2: the resources of the demonstration, by the addresses that requests name. */
export interface DemoResources {
  /** The demo API. It is called at this address. */
  api: string
  /** A second one, so that a request can be about several. Nothing answers there. */
  bank: string
}

/** RFC 8707 §2: the resources when the demo API runs at this address; none when it does not run. */
export function demoResources(api: string | undefined): DemoResources | undefined {
  return api === undefined ? undefined : { api, bank: `${api}/bank` }
}
