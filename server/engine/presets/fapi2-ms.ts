import type { FapiMode } from '../fapi/modes.ts'
import { fapi2Sp } from './fapi2-sp.ts'
import type { Preset } from './preset.ts'
import { exactly, exactlyOrAbsent, oneOf, within } from './preset.ts'

const modes: FapiMode[] = [
  'FAPI2_MESSAGE_SIGNING_AUTH_REQ',
  'FAPI2_MESSAGE_SIGNING_AUTH_RES',
  'FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES',
]

/** FAPI 2.0 Message Signing: requests, responses and introspection are signed, and all of the Security Profile holds. */
export const fapi2Ms: Preset = {
  title: 'FAPI 2.0 Message Signing',
  service: {
    ...fapi2Sp.service,
    fapiModes: {
      value: modes,
      demands: {
        holds: (given = []) => modes.every((mode) => given.includes(mode)),
        mend: (given = []) => [...new Set([...given.filter((mode) => mode !== 'FAPI2_SECURITY'), ...modes])],
      },
      because: 'Each implies the Security Profile, which is not named beside them.',
    },
    requestObjectRequired: { ...exactly(true), because: 'FAPI 2.0 Message Signing 5.3.1-1.' },
    traditionalRequestObjectProcessingApplied: {
      ...exactlyOrAbsent(false),
      because: 'RFC 9101 §6.3: only what is signed counts.',
    },
    requestObjectAudienceChecked: { ...exactly(true), because: 'FAPI 2.0 Message Signing 5.3.1-2.' },
    nbfOptional: { ...exactlyOrAbsent(false), because: 'FAPI 2.0 Message Signing 5.3.1-3.' },
    authorizationResponseDuration: {
      ...within(600, { least: 10, most: 600 }),
      because: 'JARM §2.1: ten minutes at most.',
    },
  },
  client: {
    ...fapi2Sp.client,
    requestSignAlg: { ...oneOf('ES256', 'PS256', 'EdDSA'), because: 'FAPI 2.0 Security Profile 5.4.1-1.' },
    authorizationSignAlg: { ...oneOf('ES256', 'PS256', 'EdDSA'), because: 'FAPI 2.0 Message Signing 5.4.1-1.' },
  },
}
