import { expect } from 'vitest'
import { addingTask, RIGHT } from './testing/adding.ts'
import { allApprove, says } from './testing/model-lines.ts'
import type { Person, Story } from './testing/story.ts'
import { actsOn, taskEnds, until } from './testing/until.ts'

const AFTER = 'after-the-poison'
/** An envelope as it must be, around data that no handler can read. */
const POISON = {
  specversion: '1.0',
  id: 'poison',
  source: '/stories',
  type: 'task.created',
  time: '2026-01-01T00:00:00Z',
  tenantid: 'default',
  subject: AFTER,
  data: { parentTaskId: 42 },
}

/** A message that cannot be handled is put aside, and what comes after it is not held up. */
export const poisonMessage: Story = {
  title:
    'poison message: it becomes a dead letter, dies again when it is redriven, and is resolved by a person',
  lines: [says(AFTER, 'generate', 1, RIGHT), ...allApprove(AFTER, 1)],

  async tell({ ada, publish }) {
    const payload = new TextEncoder().encode(JSON.stringify(POISON))
    await publish({ subject: 'task.created', messageId: 'poison', payload })
    const first = await openLetter(ada, { original_subject: 'task.created', redrive_of: null })
    const letter = await ada.get(`/api/v1/dlq/${first}`)
    expect(letter.body).toMatchObject({
      source: { stream: 'TASKS', consumer: 'orchestrator' },
      payload: { kind: 'json', value: { data: { parentTaskId: 42 } } },
    })
    await taskEnds(ada, addingTask(AFTER), { status: 'completed' })

    expect(await ada.post('/api/v1/dlq/redrive', { ids: [first] })).toMatchObject({
      status: 200,
      body: { results: [{ id: first, outcome: 'redriven' }] },
    })
    const second = await openLetter(ada, { redrive_of: first })
    const resolved = await ada.post(`/api/v1/dlq/${second}/resolve`, { note: 'nobody needs it' })
    expect(resolved).toMatchObject({ status: 200, body: { id: second, outcome: 'resolved' } })

    expect((await ada.get(`/api/v1/dlq/${first}`)).body).toMatchObject({
      status: 'redriven',
      failed_again_as: [second],
    })
    expect((await ada.get(`/api/v1/dlq/${second}`)).body).toMatchObject({
      status: 'resolved',
      resolved: { by: ada.name, note: 'nobody needs it' },
    })
    expect(await actsOn(ada, `deadLetter/${first}`)).toEqual([`${ada.name} deadLetter.redrive allowed`])
    expect(await actsOn(ada, `deadLetter/${second}`)).toEqual([`${ada.name} deadLetter.resolve allowed`])
    expect((await ada.get('/stats')).body).toMatchObject({ dlq: { unresolved: 0 } })
  },
}

/** The id of the one dead letter that is open. */
async function openLetter(person: Person, wanted: object): Promise<string> {
  const { dead_letters: letters } = await until(() => person.get('/api/v1/dlq?status=open'), {
    dead_letters: [wanted],
  })
  // One was found, as was waited for.
  return String((letters as { id: string }[])[0]?.id)
}
