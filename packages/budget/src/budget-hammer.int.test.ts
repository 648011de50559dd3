import { describeWithService } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { hammerBudgets } from './testing/hammer/hammer-budgets.ts'
import { callsOfProcesses, expectedUse, hammerCall, PROJECT_IDS } from './testing/hammer/hammer-plan.ts'

const ID_COUNT = 1400

test('of the calls of the hammer three in ten repeat an id, and every id comes to the same end in whatever order', () => {
  const calls = callsOfProcesses(ID_COUNT).flat()
  expect(new Set(calls).size).toBe(ID_COUNT)
  expect((calls.length - ID_COUNT) / calls.length).toBeCloseTo(0.3, 2)
  const used = PROJECT_IDS.reduce((sum, projectId) => sum + expectedUse(projectId, ID_COUNT), 0)
  expect(used).toBe(
    [...new Set(calls)].reduce((sum, number) => sum + (hammerCall(number).usedTokens ?? 0), 0),
  )
})

describeWithService('postgres', 'budgets under two processes, cut connections and kill -9', (address) => {
  test('no id is charged twice, none is lost, nothing stays reserved and the ledger bears it out', async () => {
    const figures = await hammerBudgets(address, ID_COUNT)
    expect(figures).toMatchObject({ ids: ID_COUNT, killedProcesses: 1 })
    expect(figures.cutConnections).toBeGreaterThan(0)
  }, 120_000)
})
