/**
 * The call to the engine's API was itself wrong: no credentials, no right, a malformed body, an unknown id.
 * The caller is told with a status and `{resultCode, resultMessage}`; the client application never sees it.
 */
export class ApiFault extends Error {
  readonly status: 400 | 401 | 403 | 404 | 413
  readonly resultCode: string

  constructor(status: 400 | 401 | 403 | 404 | 413, resultCode: string, message: string) {
    super(message)
    this.name = 'ApiFault'
    this.status = status
    this.resultCode = resultCode
  }
}
