import { ApiFault } from '../api-fault.ts'

/** A setting cannot be taken: the caller is told which, and what is expected. A value is never repeated: it may be a secret. */
export function settingFault(member: string, expectation: string): ApiFault {
  return new ApiFault(400, 'A970201', `${member}: ${expectation}`)
}
