import type { AuthorizationRequest } from './authorization-request.ts'
import type { ErrorPage, HowToFix } from './pages.ts'

/** What a refused request is told. Texts keep to the characters of RFC 6749 §5.2: printable ASCII without quotes and backslashes. */
export interface RefusalDetails {
  /** Code for programs: one of OAuth's where there is one. */
  error: string
  description: string
  headers?: Readonly<Record<string, string>>
  /** The engine's code, and the page that explains it. */
  resultCode?: string | undefined
  moreUri?: string | undefined
  /** For people: which error page, when the status does not tell. */
  page?: ErrorPage['kind']
  /** For people: the client where they can start again, when it is known for certain. */
  client?: AuthorizationRequest['client']
  /** For developers only. */
  howToFix?: HowToFix | undefined
}

/** A request that is refused: by this front-end, or by the engine when the answer must not go to the client. */
export class Refusal extends Error {
  readonly status: number
  readonly details: RefusalDetails

  constructor(status: number, details: RefusalDetails) {
    super(details.description)
    this.name = 'Refusal'
    this.status = status
    this.details = details
  }
}
