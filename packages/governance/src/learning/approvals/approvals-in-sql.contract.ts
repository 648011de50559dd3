import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvalStories, tellTwice } from '../../testing/approval-agreement.ts'
import { ApprovalScene, person } from '../../testing/approval-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'

/** Many transactions, on a machine that may be busy: nothing here hangs on how fast it is. */
const LONG_MS = 600_000

interface Answer {
  readonly outcome: string
  readonly code: string | null
  readonly explanation: string
  readonly approvals: number
  readonly required: number | null
}

/** What the functions for operators do on any SqlDatabase. Registers its tests. */
export function approvalsInSqlContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`approvals in SQL on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const ask = async (text: string, values: readonly unknown[]): Promise<Answer | undefined> =>
      (await opened.database.query<Answer>(`SELECT * FROM ${text}`, values)).rows[0]
    const countOf = async (tenantId: string): Promise<unknown> =>
      (await opened.database.query('SELECT get_pending_approvals_count($1) AS count', [tenantId])).rows[0]

    it(
      'come to the same answers and rows as the classes, whatever people say',
      async () => {
        await fc.assert(
          fc.asyncProperty(approvalStories, async (story) => {
            const { classes, functions } = await tellTwice(opened.database, story)
            expect(functions).toEqual(classes)
          }),
          { numRuns: 5 },
        )
      },
      LONG_MS,
    )

    it('count an approval; the system applies it, in the name of the person', async () => {
      const scene = await new ApprovalScene(opened.database).seed()
      const { updateId } = await scene.propose()
      expect(await countOf(scene.tenantId)).toEqual({ count: 1 })
      const answer = await ask('approve_prompt_update($1, $2, $3, $4)', [
        updateId,
        'ada',
        'fine',
        scene.tenantId,
      ])
      expect(answer).toMatchObject({ outcome: 'approved', code: null, approvals: 1, required: 1 })
      expect((await scene.record()).versionInForce).toBe(1)
      expect(await countOf(scene.tenantId)).toEqual({ count: 0 })
      await scene.approvals.applyDue()
      const after = await scene.record()
      expect(after.versionInForce).toBe(2)
      expect(after.history[1]).toMatchObject({ status: 'applied', decided_by: 'ada', notes: 'fine' })
      const again = await ask('approve_prompt_update($1, $2, $3, $4)', [
        updateId,
        'ada',
        null,
        scene.tenantId,
      ])
      expect(again).toMatchObject({ outcome: 'applied' })
      expect(await scene.record()).toEqual(after)
    })

    it('answer for the tenant "default" and a refusal in words, and record it with the user of the database', async () => {
      const answer = await ask('approve_prompt_update($1, $2, $3)', ['u-none', 'ada', null])
      expect(answer).toMatchObject({ outcome: 'refused', code: 'LEARNING_UPDATE_NOT_FOUND' })
      expect(answer?.explanation).toContain('no such update')
      const { rows } = await opened.database.query<{ user: string; own: string }>(
        `SELECT details ->> 'databaseUser' AS user, session_user::text AS own FROM audit_log
          WHERE tenant_id = 'default' AND action = 'prompt.approve' ORDER BY entry_id DESC LIMIT 1`,
      )
      expect(rows[0]?.user).toBe(rows[0]?.own)
      expect(await countOf('default')).toEqual({ count: 0 })
    })

    it('refuse to guess who speaks, or for whom', async () => {
      for (const values of [
        ['u', null, 'n', 't'],
        ['u', '', 'n', 't'],
        [null, 'ada', 'n', 't'],
        ['u', 'ada', 'n', null],
        ['u', 'ada', 'x'.repeat(4001), 't'],
      ])
        await expect(ask('reject_prompt_update($1, $2, $3, $4)', values)).rejects.toMatchObject({
          details: { sqlState: '22023' },
        })
    })

    it('write events that relays take, as those of the classes', async () => {
      const scene = await new ApprovalScene(opened.database).seed()
      const [first, second] = [await scene.propose(), await scene.propose()]
      await ask('reject_prompt_update($1, $2, $3, $4)', [first.updateId, 'ada', null, scene.tenantId])
      await scene.approvals.reject({ ...second, actor: person('ada') })
      const { rows } = await opened.database.query<{ envelope: Record<string, unknown> }>(
        `SELECT envelope FROM outbox WHERE tenant_id = $1 AND event_type = 'prompt.updateRejected' ORDER BY position`,
        [scene.tenantId],
      )
      const [bySql, byClass] = rows.map((row) => row.envelope)
      expect(Object.keys(bySql ?? {}).sort()).toEqual(Object.keys(byClass ?? {}).sort())
      for (const envelope of [bySql, byClass])
        expect(envelope).toMatchObject({
          specversion: '1.0',
          source: 'governance',
          subject: 'architect',
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          tenantid: scene.tenantId,
          data: { agentRole: 'architect', by: 'ada' },
        })
    })
  })
}
