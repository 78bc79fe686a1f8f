interface Pair {
  key: string
  value: string
}

/** RFC 8707 §2: what people call a resource. The service's attribute `resource.name:<uri>` says it, else the host does. */
export function resourceName(attributesOfService: readonly Pair[], uri: string): string {
  const named = attributesOfService.find(({ key }) => key === `resource.name:${uri}`)
  if (named !== undefined) return named.value
  // A URN has no host.
  const host = URL.canParse(uri) ? new URL(uri).host : ''
  return host === '' ? uri : host
}
