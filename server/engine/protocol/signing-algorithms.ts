/**
 * RFC 7518 §3.1, RFC 8037: what the engine signs with, and what clients may sign with. RFC 8725 §3.1, RFC 9700 and FAPI leave out `none` and
 * the symmetric ones: what both sides can make proves nothing to a third.
 */
export const signingAlgorithms = [
  ...(['ES256', 'ES384', 'ES512'] as const),
  ...(['PS256', 'PS384', 'PS512'] as const),
  ...(['RS256', 'RS384', 'RS512'] as const),
  'EdDSA',
] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]
