import { inject } from 'vitest'
import { createTestDatabase } from '../postgres.ts'
import { describeDatabase } from './contract.ts'

describeDatabase('PostgreSQL', () => createTestDatabase(inject('postgresUrl')))
