/**
 * The database cannot be used at this moment: it is gone, full or too busy. Of what was under way all has happened or nothing; which of
 * them, only the database knows.
 */
export class DatabaseOutage extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DatabaseOutage'
  }
}

/** Makes a {@link DatabaseOutage} of what a driver recognizes as one, so that nobody else needs to know its codes. */
export async function nameOutages<Result>(call: Promise<Result>, isOutage: (error: Error) => boolean): Promise<Result> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof Error) || !isOutage(error)) throw error
    throw new DatabaseOutage('The database cannot be used.', { cause: error })
  }
}
