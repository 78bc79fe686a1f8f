import { join } from 'node:path'
import ejs from 'ejs'
import type { Response } from 'express'
import helmet from 'helmet'
import type { Problem } from './problems.ts'
import type { ResultView } from './result-view.ts'
import type { FormFields } from './forms.ts'
import type { StartView } from './start-view.ts'

/** What each view is shown with. */
interface Views {
  start: StartView & { formToken: string }
  result: ResultView & { formToken: string }
  problem: {
    formToken: string
    problem: Problem
    /** What "try again" sends; absent when there is nothing to repeat. */
    retry: FormFields | undefined
    signedIn: boolean
  }
}

const views = join(import.meta.dirname, 'views')

/** Renders a view. Every value in it is escaped: views use `<%=` for everything but their own parts. */
export async function showPage<Name extends keyof Views>(
  res: Response,
  status: number,
  name: Name,
  view: Views[Name],
): Promise<void> {
  const html = await ejs.renderFile(join(views, `${name}.ejs`), view, { strict: true, localsName: 'it', cache: true })
  res.status(status).type('html').send(html)
}

/** The headers of every page: no script at all, no framing, no address given away, nothing kept in caches. */
export const pageHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      // No form-action: browsers apply it to redirects too, and the answer to "Sign in" goes to whatever host the server
      // lives on, and on to wherever that sends the browser. The forms are ours and hold nothing that others wrote.
    },
  },
  // The default, no-referrer, makes browsers send `Origin: null` with our own forms.
  referrerPolicy: { policy: 'same-origin' },
  strictTransportSecurity: false, // Loopback is plain http.
})
