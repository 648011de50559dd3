import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { disagreementsOf } from '../testing/learning-agreement.ts'
import { historyBatches } from '../testing/learning-histories.ts'
import type { OpenedGovernance } from '../testing/opened-governance.ts'

/** That the decision is the same in SQL and in TypeScript on any SqlDatabase. Registers its tests. */
export function learningAgreementContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`the state of learning on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    it('is the same by the view, the SQL function and TypeScript, over 300 histories at their edges', async () => {
      await fc.assert(
        fc.asyncProperty(historyBatches(4), async (batch) => {
          expect(await disagreementsOf(opened.database, batch)).toEqual([])
        }),
        { numRuns: 15 },
      )
    })

    it('is unknown for a role without rules', async () => {
      const { rows } = await opened.database.query(
        `SELECT can_auto_update_prompt('janitor') AS janitor, can_auto_update_prompt(NULL) AS nobody,
                can_auto_update_prompt('tester') AS tester, can_auto_update_prompt('security', 'acme') AS security`,
      )
      expect(rows).toEqual([{ janitor: false, nobody: false, tester: true, security: false }])
    })
  })
}
