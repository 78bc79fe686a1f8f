import { describe } from 'vitest'
import { describeStorage } from './contract.ts'
import { createSqliteDatabase } from './test-databases.ts'

describe('Storage on SQLite', async () => {
  await describeStorage(createSqliteDatabase)
})
