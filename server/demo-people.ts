import type { FrontEnd } from './front-end.ts'
import type { DemoUser } from './pages.ts'
import { isLoopback } from './redirect-destination.ts'
import type { NewUser } from './users.ts'

/**
 * The people of the demonstration: each with other data, so that one sees what a scope releases. Their passwords are in every copy of
 * this file; a server in production does not start while one of them exists.
 */
export const demoPeople: readonly NewUser[] = [
  {
    subject: '6f0f5c1e8d4b4a7c9b2e',
    username: 'john',
    password: 'john',
    claims: {
      name: 'John Flynn',
      given_name: 'John',
      family_name: 'Flynn',
      nickname: 'Jack',
      preferred_username: 'john',
      website: 'https://john.example',
      gender: 'male',
      birthdate: '1980-04-12',
      zoneinfo: 'Europe/Dublin',
      locale: 'en-IE',
      updated_at: 1_761_955_200,
      email: 'john@example.com',
      email_verified: true,
      phone_number: '+1 202 555 0143',
      phone_number_verified: true,
      address: {
        formatted: '12 Example Road\nDublin\nIreland',
        street_address: '12 Example Road',
        locality: 'Dublin',
        country: 'Ireland',
      },
      // The numbers are the examples of the IBAN registry.
      bank_accounts: [
        { iban: 'IE29AIBK93115212345678', name: 'Everyday', currency: 'EUR' },
        { iban: 'DE89370400440532013000', name: 'Savings', currency: 'EUR' },
        { iban: 'GB29NWBK60161331926819', name: 'Travel', currency: 'GBP' },
      ],
    },
  },
  {
    subject: 'c2a9417be3d05f68a1d4',
    username: 'jane',
    password: 'jane',
    claims: {
      name: 'Jane Sato',
      given_name: 'Jane',
      family_name: 'Sato',
      preferred_username: 'jane',
      'name#ja-Hani-JP': '佐藤 ジェーン',
      'name#ar': 'جين ساتو',
      gender: 'female',
      birthdate: '1991-11-03',
      zoneinfo: 'Asia/Tokyo',
      locale: 'ja-JP',
      updated_at: 1_754_006_400,
      email: 'jane@example.org',
      email_verified: true,
      phone_number: '+1 202 555 0182',
      phone_number_verified: false,
      address: {
        formatted: '3-1 Example\nMinato-ku\nTokyo\nJapan',
        street_address: '3-1 Example',
        locality: 'Minato-ku',
        region: 'Tokyo',
        country: 'Japan',
      },
      bank_accounts: [{ iban: 'LU280019400644750000', name: 'Household', currency: 'JPY' }],
    },
  },
  {
    // Somebody who told as little as possible: pages and clients must cope with what is not there.
    subject: '0b7d92f4c6a84e13d5f9',
    username: 'bob',
    password: 'bob',
    claims: {
      name: 'Bob Okafor',
      preferred_username: 'bob',
      locale: 'en-NG',
      updated_at: 1_747_008_000,
      email: 'bob@example.net',
      email_verified: false,
    },
  },
]

/** Whom the pages offer for signing in with one tap: nobody, unless this server is for this machine only and not in production. */
export function demoUsers({ config }: Pick<FrontEnd, 'config'>): DemoUser[] {
  if (config.production || !isLoopback(new URL(config.issuer))) return []
  return demoPeople.map(({ username, password, claims }) => ({ username, password, name: String(claims['name']) }))
}
