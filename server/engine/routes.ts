/** Finds what serves a path, without trying one pattern after the other. */
export interface RouteMap<Route> {
  find(method: string, path: string): Match<Route>
}

export type Match<Route> =
  | { outcome: 'found'; route: Route; parameters: Record<string, string> }
  | { outcome: 'unknown-path' }
  /** The path exists, for these methods. */
  | { outcome: 'unknown-method'; methods: string[] }

interface Node<Route> {
  literals: Map<string, Node<Route>>
  parameter?: { name: string; node: Node<Route> }
  methods: Map<string, Route>
}

/** Compiles a table of paths such as `/api/{serviceId}/auth/token` into a tree of their segments. */
export function compileRoutes<Route extends { method: string; path: string }>(
  routes: readonly Route[],
): RouteMap<Route> {
  const root = makeNode<Route>()
  for (const route of routes) {
    const node = segmentsOf(route.path).reduce(descend, root)
    node.methods.set(route.method, route)
  }

  return {
    find(method, path) {
      const parameters: Record<string, string> = {}
      let node = root
      for (const segment of segmentsOf(path)) {
        const { parameter } = node
        // A literal goes before a parameter: `client/get/list` is not a client named `list`.
        const literal = node.literals.get(segment)
        if (!literal && parameter) {
          const value = decode(segment)
          if (value === undefined || value === '') return { outcome: 'unknown-path' }
          parameters[parameter.name] = value
        }
        const next = literal ?? parameter?.node
        if (!next) return { outcome: 'unknown-path' }
        node = next
      }
      const route = node.methods.get(method)
      if (route) return { outcome: 'found', route, parameters }
      const methods = [...node.methods.keys()]
      return methods.length > 0 ? { outcome: 'unknown-method', methods } : { outcome: 'unknown-path' }
    },
  }
}

function makeNode<Route>(): Node<Route> {
  return { literals: new Map(), methods: new Map() }
}

function descend<Route>(node: Node<Route>, segment: string): Node<Route> {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1]
  if (name !== undefined) {
    node.parameter ??= { name, node: makeNode() }
    if (node.parameter.name !== name)
      throw new Error(`Two paths call the same segment ${node.parameter.name} and ${name}.`)
    return node.parameter.node
  }
  const next = node.literals.get(segment) ?? makeNode<Route>()
  node.literals.set(segment, next)
  return next
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1)
}

/** RFC 3986 §2.1; undefined when the percent-encoding is broken, or holds a NUL, which nothing is called by. */
function decode(segment: string): string | undefined {
  try {
    const text = decodeURIComponent(segment)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
