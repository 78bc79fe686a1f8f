/** RFC 6749 §10.10: a token was to have a value that another one has, or had until recently. Nothing was kept, and nothing spent. */
export class TokenValueTaken extends Error {
  constructor(member: 'accessToken' | 'refreshToken') {
    super(`${member}: a new value is expected, and there is a token with this one, or was until recently`)
    this.name = 'TokenValueTaken'
  }
}
