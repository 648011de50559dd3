import { describeWithService } from '@golden-arch/testkit'
import { openedServerDatabaseAt } from '../../testing/server-database.ts'
import { peopleRoutesContract } from './people-routes.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  peopleRoutesContract('governing over HTTP on PostgreSQL', () => openedServerDatabaseAt(address))
})
