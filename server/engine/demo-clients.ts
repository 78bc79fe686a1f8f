import type { JWK } from 'jose'
import type { Client } from '../../sdk/types.ts'
import { publicPartOf } from './keys.ts'

/** The clients of the demonstration; a server in production does not start while one of them exists. */
export const demoAliases = ['demo-web', 'demo-spa', 'demo-machine', 'demo-api', 'demo-fapi'] as const

export interface DemoClient {
  alias: (typeof demoAliases)[number]
  settings: Client
  /** Whether it authenticates with the secret `<alias>-secret`. */
  hasSecret: boolean
}

/** A client of every kind. `fapiKey` is the key of `demo-fapi`, of which the public part is registered. */
export function demoClients(demoPort: number, fapiKey: JWK): DemoClient[] {
  const callback = `http://localhost:${demoPort}/callback`
  const verified = { key: 'verified', value: 'true' }
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
        attributes: [verified],
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
        attributes: [verified],
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
        attributes: [{ key: 'resource_server', value: 'true' }],
      },
    },
    {
      alias: 'demo-fapi',
      hasSecret: false,
      settings: {
        clientName: 'Daybook for banks',
        description: 'A client that proves who it is with a key instead of a secret.',
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
        attributes: [verified],
      },
    },
  ]
}
