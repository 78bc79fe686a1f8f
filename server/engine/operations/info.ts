import packageJson from '../../../package.json' with { type: 'json' }
import type { Answer } from '../../../sdk/types.ts'

/** GET /api/info: what this engine is; nothing of any service. */
export function info(): Promise<Answer<'info_api'>> {
  return Promise.resolve({ version: packageJson.version, features, narrowing: 'per-token' })
}

const features = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'pkce',
  'par',
  'openid_connect',
  'introspection',
  'revocation',
  'private_key_jwt',
  'dpop',
  'form_post',
  'jarm',
  'encrypted_answers',
  'signed_introspection',
]
