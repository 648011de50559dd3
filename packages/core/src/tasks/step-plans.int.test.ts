import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addManySteps, rowsReadFor, STEP_QUESTIONS } from './testing/many-steps.ts'
import { openTasksOnPostgres, type TaskDatabase } from './testing/task-databases.ts'

describeWithService('postgres', '20000 tasks, steps and agents', (address) => {
  describe.each([
    ['were counted by ANALYZE', ['ANALYZE tasks', 'ANALYZE task_steps', 'ANALYZE agents']],
    ['came since it last was run', []],
  ])('that %s', (_state, preparations) => {
    let opened: TaskDatabase
    beforeAll(async () => {
      opened = await openTasksOnPostgres(address, 2)
      await addManySteps(opened.database, 20_000)
      for (const statement of preparations) await opened.database.query(statement)
    })
    afterAll(() => opened.close())

    it.each(STEP_QUESTIONS)('are read for "%s" no further than needed', async (_name, ask, most) => {
      expect(await rowsReadFor(opened.database, ask)).toBeLessThanOrEqual(most)
    })
  })
})
