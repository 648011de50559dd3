import { openServerDatabase } from '../../testing/server-database.ts'
import { taskEventFeedContract } from './task-event-feed.contract.ts'

taskEventFeedContract(
  'PGlite',
  async () => {
    const database = await openServerDatabase()
    return { database, close: () => database.close() }
  },
  false,
)
