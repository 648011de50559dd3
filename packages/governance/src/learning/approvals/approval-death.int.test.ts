import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApprovalAct } from '../../testing/approval-acts.ts'
import type { DeathMoment } from '../../testing/approval-crash-process.ts'
import { type CrashedApprovals, openCrashedApprovals } from '../../testing/crashed-approvals.ts'

/** Many processes, on a machine that may be busy: nothing here hangs on how fast it is. */
const LONG_MS = 600_000

describeWithService('postgres', 'a process that is killed', (address) => {
  let crashed: CrashedApprovals
  beforeAll(async () => {
    crashed = await openCrashedApprovals(address)
  })
  afterAll(() => crashed.close())

  it.each<{
    kind: ApprovalAct['kind']
    deaths: readonly (readonly [statement: string, moment: DeathMoment])[]
  }>([
    {
      kind: 'approve',
      deaths: [
        ['INSERT INTO learning_approvals', 'sent'],
        ['SELECT * FROM learning_apply', 'answered'],
        ['COMMIT', 'sent'],
        ['COMMIT', 'answered'],
      ],
    },
    { kind: 'apply', deaths: [['SELECT * FROM learning_apply', 'answered']] },
    { kind: 'break the glass', deaths: [['COMMIT', 'answered']] },
  ])(
    'while it does $kind leaves all of it or nothing, and done again it is done once',
    async ({ kind, deaths }) => {
      const expected = await crashed.undisturbed(kind)
      for (const [text, moment] of deaths) {
        const statement = 1 + expected.statements.findIndex((one) => one.startsWith(text))
        expect(statement, text).toBeGreaterThan(0)
        expect(await crashed.killed(kind, { statement, moment }, expected), `${text} ${moment}`).toEqual([])
      }
    },
    LONG_MS,
  )
})
