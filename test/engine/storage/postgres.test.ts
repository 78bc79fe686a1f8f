import { describe } from 'vitest'
import { describeStorage } from './contract.ts'
import { createPostgresDatabase } from './test-databases.ts'

describe('Storage on PostgreSQL', async () => {
  await describeStorage(createPostgresDatabase)
})
