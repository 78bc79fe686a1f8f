import { ApiFault } from './api-fault.ts'

/** There is no service with the id of the path. */
export function serviceNotFound(): ApiFault {
  return new ApiFault(404, 'A901206', 'there is no such service')
}

/** There is no client with the id or the alias. */
export function clientNotFound(): ApiFault {
  return new ApiFault(404, 'A971201', 'the service has no such client')
}
