import { expect } from 'vitest'
import { addingTask, RIGHT } from './testing/adding.ts'
import { APPROVAL, says } from './testing/model-lines.ts'
import type { ModelLine, Person, Story } from './testing/story.ts'
import { budgetOf, openEscalation, taskBecomes, taskEnds } from './testing/until.ts'

const APPROVED = 'veto-approved'
const REJECTED = 'veto-rejected'
const VETO = { decision: 'reject', severity: 'critical', rationale: 'It adds secrets.', confidence: 1 }

/** Security vetoes two solutions. A person takes the one and refuses the other. */
export const veto: Story = {
  title: 'veto, escalation, human: security vetoes, a person decides, and each task ends as was decided',
  lines: [APPROVED, REJECTED].flatMap(vetoed),

  async tell({ ada, olga }) {
    await raised(ada, APPROVED)
    await raised(ada, REJECTED)

    await decided(olga, APPROVED, 'approve')
    const taken = await taskBecomes(ada, APPROVED, { status: 'completed' })
    expect(taken).toMatchObject({ evidence: { review: { outcome: 'vetoed' }, solution: RIGHT } })

    await decided(olga, REJECTED, 'reject')
    await taskBecomes(ada, REJECTED, { status: 'failed', status_reason: 'failed-by-person' })

    for (const [id, status] of [
      [APPROVED, 'completed'],
      [REJECTED, 'failed'],
    ] as const) {
      expect(await budgetOf(ada, id), status).toMatchObject({ used: 4 * 400, reserved: 0 })
      const closed = await ada.get(`/api/v1/escalations?status=resolved&subject_kind=task&subject_id=${id}`)
      expect(closed.body).toMatchObject({ escalations: [{ resolved: { by: olga.name } }] })
    }
    const trail = await ada.get(`/api/v1/audit?action=escalation.resolve&actor=${olga.name}`)
    expect(trail.body?.entries).toHaveLength(2)
  },
}

function vetoed(task: string): readonly ModelLine[] {
  return [
    says(task, 'generate', 1, RIGHT),
    says(task, 'review:security', 1, VETO),
    says(task, 'review:reviewer', 1, APPROVAL),
    says(task, 'review:tester', 1, APPROVAL),
  ]
}

async function raised(person: Person, task: string): Promise<void> {
  await taskEnds(person, addingTask(task), { status: 'waiting' })
  expect(await openEscalation(person, task)).toMatchObject({ reason: 'review-vetoed', status: 'open' })
}

async function decided(person: Person, task: string, decision: string): Promise<void> {
  const path = `/api/v1/escalations/${String((await openEscalation(person, task)).id)}`
  expect(await person.post(`${path}/acknowledge`)).toMatchObject({ status: 200 })
  const word = { decision, resolution: 'I have read it.' }
  const resolved = await person.post(`${path}/resolve`, word)
  expect(resolved).toMatchObject({
    status: 200,
    body: { status: 'resolved', decision, resolved: { by: person.name } },
  })
}
