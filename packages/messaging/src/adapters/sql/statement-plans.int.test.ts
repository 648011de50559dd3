import { describeWithService } from '@golden-arch/testkit'
import { openPostgres } from '../../testing/messaging-databases.ts'
import { statementPlansContract } from './statement-plans.contract.ts'

describeWithService('postgres', 'plans', (address) => {
  statementPlansContract('PostgreSQL', async () => {
    const { databases, close } = await openPostgres(address)
    return { database: databases[0], close }
  })
})
