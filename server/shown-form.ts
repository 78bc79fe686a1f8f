import { eraseAnswers } from './authorization-details/registry.ts'
import { detailsOf } from './authorization-request.ts'
import { detailContext } from './consent-choice.ts'
import type { Person } from './interaction-step.ts'
import type { Interaction, ShownConsent } from './interactions.ts'

/** A form, and whether it answers the page that was shown last. */
export interface ShownForm {
  answers: 'last-page' | 'another'
  /** Of another page, only what reads the same in every language. */
  fields: URLSearchParams
}

/**
 * OIDC Core §3.1.2.4: the person answers what they see. Two windows may show one request, each in its own language, and `1,234` is two
 * amounts: so the hash of what was shown comes back with the form, and a decision is valid for the page that was shown last.
 */
export function readShownForm(
  { request }: Pick<Interaction, 'request'>,
  { lang, sentencesHash }: ShownConsent,
  person: Pick<Person, 'user'>,
  posted: URLSearchParams,
  now: Date,
): ShownForm {
  const erased = eraseAnswers(detailsOf(request), posted, detailContext(request, person, { lang, now }))
  const hashes = posted.getAll('shown')
  // A script posts what it decides, and may have read no page. It can do that as long as nothing in its form depends on a language.
  const isSure = hashes.length === 0 ? String(erased) === String(posted) : hashes.join(' ') === sentencesHash
  return isSure ? { answers: 'last-page', fields: posted } : { answers: 'another', fields: erased }
}
