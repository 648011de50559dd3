import { afterAll, beforeAll, describe } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'
import type { OpenedDatabase } from '../../testing/server-database.ts'
import { escalationRoutesContract } from './escalation-routes.contract.ts'
import { governanceRoutesContract } from './governance-routes.contract.ts'
import { promptUseContract } from './prompt-use.contract.ts'
import { reviewRoutesContract } from './review-routes.contract.ts'

/** All that people govern by over HTTP, on one server with any SqlDatabase. Registers its tests. */
export function peopleRoutesContract(title: string, open: () => Promise<OpenedDatabase>): void {
  describe(title, () => {
    let opened: OpenedDatabase
    let server: AssembledServer
    beforeAll(async () => {
      opened = await open()
      server = await startAssembledServer({ database: opened.database })
    }, SLOW_START_MS)
    afterAll(async () => {
      await server.stop()
      await opened.close()
    })

    governanceRoutesContract('prompts', () => server)
    promptUseContract('which tasks ran with a prompt', () => server)
    reviewRoutesContract('reviews', () => server)
    escalationRoutesContract('escalations', () => server)
  })
}
