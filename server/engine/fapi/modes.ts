import type { Client, Schema, Scope, Service } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'

/** A FAPI profile that is enforced. */
export type FapiMode = Schema<'FapiMode'>

/** What decides about the profiles: a service and a client, registered or not. */
interface Settings<Of> {
  settings: Of
}

/** The values of the scope attributes that ask for a profile. */
const modesOfAttributes: Readonly<Record<string, Readonly<Record<string, FapiMode>>>> = {
  fapi: { r: 'FAPI1_BASELINE', rw: 'FAPI1_ADVANCED' },
  fapi2: {
    sp: 'FAPI2_SECURITY',
    'ms-authreq': 'FAPI2_MESSAGE_SIGNING_AUTH_REQ',
    'ms-authres': 'FAPI2_MESSAGE_SIGNING_AUTH_RES',
    'ms-introres': 'FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES',
  },
}

/**
 * FAPI 1.0 and 2.0: the profiles that hold for a request or a token. What the service names is for everybody; else those hold that the
 * client names and those that the scopes ask for, and of several profiles all rules. A service without the FAPI profile has none.
 */
export function fapiModesOf(
  { settings: service }: Settings<Service>,
  { settings: client }: Settings<Client>,
  scopes: readonly Scope[],
): ReadonlySet<FapiMode> {
  if (!offersFapi({ settings: service })) return noModes
  // An empty list says the same as none: it must not switch off what scopes ask for. Nor must what a client names.
  if (service.fapiModes && service.fapiModes.length > 0) return new Set(service.fapiModes)
  return new Set([...(client.fapiModes ?? []), ...scopes.flatMap(modesOfScope)])
}

/** Whether any profile can hold at all: where none can, nobody needs to look at scopes. */
export function offersFapi({ settings }: Settings<Service>): boolean {
  return settings.supportedServiceProfiles?.includes('FAPI') === true
}

export const noModes: ReadonlySet<FapiMode> = new Set()

/** The profiles that a scope asks for with its attributes `fapi` and `fapi2`. A value may name several, separated by spaces. */
export function modesOfScope({ attributes = [] }: Scope): FapiMode[] {
  return attributes.flatMap(({ key, value }) =>
    Object.hasOwn(modesOfAttributes, key) ? words(value).flatMap((word) => modesOfAttributes[key]?.[word] ?? []) : [],
  )
}

/** What is wrong with an attribute that would ask for a profile; undefined when nothing is, or when it asks for none. */
export function problemOfFapiAttribute({ key, value }: Schema<'Pair'>): string | undefined {
  const known = Object.hasOwn(modesOfAttributes, key) ? modesOfAttributes[key] : undefined
  if (!known) return undefined
  const named = words(value)
  if (named.length > 0 && named.every((word) => Object.hasOwn(known, word))) return undefined
  return `${key}: ${Object.keys(known).join(', ')} is expected, or several of them with spaces between`
}

/** The modes of a client that do not count, because those of the service are for everybody. */
export function ignoredModes({ fapiModes: ofService = [] }: Service, { fapiModes: ofClient = [] }: Client): FapiMode[] {
  return ofService.length === 0 ? [] : ofClient.filter((mode) => !ofService.includes(mode))
}

/** FAPI 2.0 Message Signing implies the Security Profile, so whoever names both has misread one of them. */
export function checkFapiModes(modes: readonly FapiMode[] = []): void {
  if (modes.includes('FAPI2_SECURITY') && modes.some((mode) => mode.startsWith('FAPI2_MESSAGE_SIGNING_'))) {
    throw new ApiFault(
      400,
      'A039250',
      'fapiModes: FAPI2_SECURITY is not named beside FAPI2_MESSAGE_SIGNING_ modes, which imply it',
    )
  }
}

function words(value: string | undefined): string[] {
  return (value ?? '').split(' ').filter((word) => word !== '')
}
