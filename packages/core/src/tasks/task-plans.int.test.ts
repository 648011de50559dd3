import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addManyTasks, TASK_QUESTIONS, taskRowsReadFor } from './testing/many-tasks.ts'
import { openTasksOnPostgres, type TaskDatabase } from './testing/task-databases.ts'

describeWithService('postgres', 'a table of 20000 tasks', (address) => {
  let opened: TaskDatabase
  beforeAll(async () => {
    opened = await openTasksOnPostgres(address)
    await addManyTasks(opened.database, 20_000)
  })
  afterAll(() => opened.close())

  it.each(TASK_QUESTIONS)('is read for "%s" no further than a page needs', async (_name, question, most) => {
    expect(await taskRowsReadFor(opened.database, question)).toBeLessThanOrEqual(most)
  })
})
