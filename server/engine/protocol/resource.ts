import { OAuthError } from '../oauth-error.ts'
import type { RegisteredService } from '../registry.ts'
import type { Parameters } from './parameters.ts'
import { isAbsoluteUri } from './uri.ts'

/** Resources of one request, and characters of one. */
const limits = { count: 20, length: 1_000 }

/** Begins the attributes of a service that name its resources; the URI follows. */
const nameAttribute = 'resource.name:'

/**
 * RFC 8707 §2: the values of `resource`, each once, in the order of the request. They are compared as text. A service that names its
 * resources knows them and itself; one that names none takes any.
 */
export function parseResources(parameters: Parameters, service: RegisteredService): string[] {
  const resources = [...new Set(parameters.getAll('resource'))]
  if (resources.length > limits.count) {
    throw invalidTarget('A951301', `At most ${limits.count} resources can be named in one request.`)
  }
  const known = knownResources(service)
  for (const resource of resources) {
    checkResource(resource)
    if (known?.has(resource) === false) {
      throw invalidTarget('A951303', 'resource must be one of those that the service knows.')
    }
  }
  return resources
}

function knownResources({ issuer, settings }: RegisteredService): ReadonlySet<string> | undefined {
  const named = (settings.attributes ?? []).filter(({ key }) => key.startsWith(nameAttribute))
  return named.length === 0 ? undefined : new Set([issuer, ...named.map(({ key }) => key.slice(nameAttribute.length))])
}

function checkResource(resource: string): void {
  if (resource.includes('#')) throw invalidTarget('A251308', 'resource must not include a fragment.')
  if (resource.length > limits.length || !isAbsoluteUri(resource)) {
    throw invalidTarget('A251307', `resource must be an absolute URI of at most ${limits.length} characters.`)
  }
}

/**
 * RFC 8707 §2.2: what a token is good for. A request that names no resource gets all that was granted; undefined means that there is
 * no limit, and then the request sets one.
 */
export function narrowResources(
  granted: readonly string[] | undefined,
  asked: readonly string[],
): string[] | undefined {
  if (asked.length === 0) return granted && [...granted]
  if (granted && !asked.every((resource) => granted.includes(resource))) {
    throw invalidTarget('A951302', 'resource must be one of those that were granted.')
  }
  return [...asked]
}

function invalidTarget(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_target', resultCode, description, 'rfc8707#section-2')
}
