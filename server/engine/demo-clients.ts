import type { JWK } from 'jose'
import type { Client } from '../../sdk/types.ts'
import { demoDetailTypes } from './demo-details.ts'
import type { DemoResources } from './demo-resources.ts'
import { publicPartOf } from './keys.ts'

/** The clients of the demonstration; a server in production does not start while one of them exists. */
export const demoAliases = ['demo-web', 'demo-spa', 'demo-machine', 'demo-api', 'demo-fapi'] as const

export interface DemoClient {
  alias: (typeof demoAliases)[number]
  settings: Client
  /** Whether it authenticates with the secret `<alias>-secret`. */
  hasSecret: boolean
}

/** What the clients of the demonstration are made of. */
interface DemoMaterial {
  demoPort: number
  /** Undefined when the demo API does not run. */
  resources: DemoResources | undefined
  /** The key of `demo-fapi`, of which the public part is registered. */
  fapiKey: JWK
}

/** A client of every kind. */
export function demoClients({ demoPort, resources, fapiKey }: DemoMaterial): DemoClient[] {
  const callback = `http://localhost:${demoPort}/callback`
  const verified = { key: 'verified', value: 'true' }
  const affiliation = (value: 'partner' | 'third-party') => ({ key: 'affiliation', value })
  return [
    {
      alias: 'demo-web',
      hasSecret: true,
      settings: {
        clientName: 'Daybook',
        clientNames: [{ tag: 'ja', value: 'デイブック' }],
        description: 'The demo client: a web application with a server of its own.',
        clientType: 'CONFIDENTIAL',
        applicationType: 'WEB',
        tokenAuthMethod: 'CLIENT_SECRET_BASIC',
        redirectUris: [callback],
        responseTypes: ['CODE'],
        responseModes: ['QUERY', 'FORM_POST'],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        authorizationDetailsTypes: demoDetailTypes,
        attributes: [verified, affiliation('partner')],
      },
    },
    {
      alias: 'demo-spa',
      hasSecret: false,
      settings: {
        clientName: 'Daybook in the browser',
        description: 'A client that cannot keep a secret, so PKCE is what protects its codes.',
        clientType: 'PUBLIC',
        applicationType: 'WEB',
        tokenAuthMethod: 'NONE',
        redirectUris: [callback],
        responseTypes: ['CODE'],
        responseModes: ['QUERY', 'FORM_POST'],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        attributes: [verified, affiliation('third-party')],
      },
    },
    {
      alias: 'demo-machine',
      hasSecret: true,
      settings: {
        clientName: 'Daybook night job',
        description: 'A client without people: it acts for itself.',
        clientType: 'CONFIDENTIAL',
        tokenAuthMethod: 'CLIENT_SECRET_BASIC',
        responseTypes: [],
        grantTypes: ['CLIENT_CREDENTIALS'],
        extension: { requestableScopesEnabled: true, requestableScopes: ['notes:read', 'calendar:read'] },
      },
    },
    {
      alias: 'demo-api',
      hasSecret: true,
      settings: {
        clientName: 'Daybook API',
        description: 'The resource server: it asks for no tokens, and may ask about them.',
        clientType: 'CONFIDENTIAL',
        tokenAuthMethod: 'CLIENT_SECRET_BASIC',
        responseTypes: [],
        grantTypes: [],
        attributes: [
          { key: 'resource_server', value: 'true' },
          ...(resources ? [{ key: 'resource_server_uri', value: resources.api }] : []),
        ],
      },
    },
    {
      alias: 'demo-fapi',
      hasSecret: false,
      settings: {
        clientName: 'Daybook for banks',
        description:
          'A client that proves who it is with a key instead of a secret, and whose tokens are bound to another.',
        clientType: 'CONFIDENTIAL',
        applicationType: 'WEB',
        tokenAuthMethod: 'PRIVATE_KEY_JWT',
        tokenAuthSignAlg: 'ES256',
        jwks: JSON.stringify({ keys: [publicPartOf(fapiKey)] }),
        redirectUris: [callback],
        responseTypes: ['CODE'],
        responseModes: ['QUERY', 'FORM_POST'],
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
        parRequired: true,
        dpopRequired: true,
        authorizationDetailsTypes: demoDetailTypes,
        attributes: [verified, affiliation('partner')],
      },
    },
  ]
}
