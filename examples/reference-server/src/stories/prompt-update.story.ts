import { expect } from 'vitest'
import type { Story } from './testing/story.ts'
import { actsOn } from './testing/until.ts'

const PATH = '/api/v1/governance'
const PROMPT = `${PATH}/prompts/architect`

/** The architect's prompt may change by two people's word alone. */
export const promptUpdate: Story = {
  title: 'prompt update: it is queued, approved by another person than who proposed it, and rolled back',
  lines: [],

  async tell({ ada, olga }) {
    const before = (await ada.get(PROMPT)).body ?? {}
    const content = `${String(before.content)}\nName what may go wrong.`
    const wish = { agent_role: 'architect', content, reason: 'plans forget what may go wrong' }
    const proposed = await ada.post(`${PATH}/proposals`, wish)
    expect(proposed).toMatchObject({ status: 202, body: { status: 'pending' } })
    const waiting = `${PATH}/proposals?status=pending&agent_role=architect`
    expect((await ada.get(waiting)).body).toMatchObject({
      proposals: [{ update_id: proposed.body?.update_id, approvals: 0 }],
    })
    expect((await ada.get(PROMPT)).body).toEqual(before)

    const { update_id, content_sha256 } = proposed.body ?? {}
    const proposal = `${PATH}/proposals/${String(update_id)}`
    const own = await ada.post(`${proposal}/approve`, { content_sha256 })
    expect(own).toMatchObject({ status: 403, body: { error_code: 'LEARNING_SELF_APPROVAL' } })
    const approved = await olga.post(`${proposal}/approve`, { content_sha256 })
    expect(approved).toMatchObject({ status: 200, body: { status: 'applied' } })
    expect((await ada.get(PROMPT)).body).toMatchObject({ version: Number(before.version) + 1, content })
    expect((await ada.get(waiting)).body).toMatchObject({ proposals: [] })

    const back = await olga.post(`${PROMPT}/rollback`, {
      to_version: before.version,
      reason: 'plans got long',
    })
    expect(back).toMatchObject({ status: 200, body: { version: before.version } })
    const { version, content: inForce } = before
    expect((await ada.get(PROMPT)).body).toMatchObject({ version, content: inForce })
    expect((await ada.get(`${PROMPT}/history`)).body).toMatchObject({
      changes: expect.arrayContaining([
        expect.objectContaining({ kind: 'update', status: 'applied', settled_by: olga.name }),
        expect.objectContaining({ kind: 'rollback', status: 'applied', reason: 'plans got long' }),
      ]),
    })
    const acts = await actsOn(ada, 'prompt/architect')
    expect(acts.filter((act) => act.startsWith(ada.name) || act.startsWith(olga.name))).toEqual([
      `${ada.name} prompt.propose allowed`,
      `${ada.name} prompt.approve denied`,
      `${olga.name} prompt.approve allowed`,
      `${olga.name} prompt.update allowed`,
      `${olga.name} prompt.rollback allowed`,
    ])
  },
}
