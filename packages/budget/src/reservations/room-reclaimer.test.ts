import { FakeClock } from '@golden-arch/core/time/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { BudgetAnswer, RefusedAnswer } from '../batches/budget-step.ts'
import { RoomReclaimer } from './room-reclaimer.ts'

describe('RoomReclaimer', () => {
  let clock: FakeClock
  let turns: string[]
  let endTurn: () => Promise<void>
  let reclaimer: RoomReclaimer
  // Safe: of the budget's row only the id is looked at.
  const budget = { budget_id: 7 } as RefusedAnswer['budget']
  const denied = (isReclaimable: boolean): BudgetAnswer => ({
    ...{ kind: 'no_room', budget, roomTokens: 0, roomMicros: undefined, isReclaimable },
  })
  const granted: BudgetAnswer = { kind: 'existing', row: undefined }

  beforeEach(() => {
    clock = new FakeClock()
    turns = []
    endTurn = () => Promise.resolve()
    reclaimer = new RoomReclaimer({ clock, operationTimeoutMs: 100 }, (tenantId, budgetId) => {
      turns.push(`${tenantId} ${budgetId}`)
      return endTurn()
    })
  })

  test('asks again after each turn until there is room, however many turns that takes', async () => {
    let asked = 0
    const ask = () => Promise.resolve(asked++ < 25 ? denied(true) : granted)
    expect(await reclaimer.answer('t', ask, {})).toBe(granted)
    expect(turns).toEqual(Array(25).fill('t 7'))
  })

  test('a denial without such holds is final', async () => {
    expect(await reclaimer.answer('t', () => Promise.resolve(denied(false)), {})).toEqual(denied(false))
    expect(turns).toEqual([])
  })

  test('one turn serves all who wait for the same budget, and the next one begins anew', async () => {
    let end: () => void = () => {}
    endTurn = () => new Promise((resolve) => (end = resolve))
    const all = Promise.all(
      [1, 2, 3].map(() => {
        let asked = 0
        return reclaimer.answer('t', () => Promise.resolve(asked++ === 0 ? denied(true) : granted), {})
      }),
    )
    await clock.advance(1)
    expect(turns).toHaveLength(1)
    end()
    await all
    endTurn = () => Promise.resolve()
    const answers = [denied(true), granted].values()
    await reclaimer.answer('t', () => Promise.resolve(answers.next().value ?? granted), {})
    expect(turns).toHaveLength(2)
  })

  test('a turn that never ends, and turns without an end, end in a typed error at the deadline', async () => {
    endTurn = () => new Promise(() => {})
    const late = { code: 'DEADLINE_EXCEEDED', retryable: true }
    const stuck = expect(reclaimer.answer('t', async () => denied(true), {})).rejects.toMatchObject(late)
    await clock.advance(100)
    await stuck
    const slow = async () => {
      await clock.advance(30)
      return denied(true)
    }
    endTurn = () => Promise.resolve()
    reclaimer = new RoomReclaimer({ clock, operationTimeoutMs: 100 }, endTurn)
    await expect(reclaimer.answer('t', slow, {})).rejects.toMatchObject(late)
  })

  test('a caller that aborts does not wait for the turn', async () => {
    endTurn = () => new Promise(() => {})
    const aborting = new AbortController()
    const gone = reclaimer.answer('t', async () => denied(true), { signal: aborting.signal })
    const refused = expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
    await clock.advance(1)
    aborting.abort()
    await refused
  })

  test('a turn that fails fails those who wait for it, and the next one is tried', async () => {
    endTurn = () => Promise.reject(new Error('no database'))
    const ask = async () => denied(true)
    await expect(reclaimer.answer('t', ask, {})).rejects.toThrow('no database')
    await expect(reclaimer.answer('t', ask, {})).rejects.toThrow('no database')
    expect(turns).toHaveLength(2)
  })
})
