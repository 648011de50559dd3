import { describe, expect, it } from 'vitest'
import { FakeClock } from '../time/testing/index.ts'
import { PolledSnapshot, type Snapshot } from './polled-snapshot.ts'

/** A source that answers when told to, and counts how often it was asked. */
interface Source {
  readonly snapshot: PolledSnapshot<number>
  readonly failures: unknown[]
  asked: number
  answer: () => Promise<number>
}

function source(clock: FakeClock): Source {
  const failures: unknown[] = []
  const load = (): Promise<number> => {
    state.asked++
    return state.answer()
  }
  const bounds = { refreshAfterMs: 2000, staleAfterMs: 5000, timeoutMs: 1000 }
  const onFailure = (error: unknown): void => void failures.push(error)
  const state: Source = {
    failures,
    asked: 0,
    answer: () => Promise.resolve(state.asked),
    snapshot: new PolledSnapshot<number>({ load, ...bounds, clock, onFailure }),
  }
  return state
}
const valueIn = async (got: Snapshot<number> | Promise<Snapshot<number>>): Promise<number> =>
  (await got).value

describe('a polled snapshot', () => {
  it('is read once for all who wait for the first one', async () => {
    const state = source(new FakeClock())
    const all = await Promise.all([1, 2, 3].map(() => valueIn(state.snapshot.get())))
    expect(all).toEqual([1, 1, 1])
    expect(state.asked).toBe(1)
  })

  it('is used as it is for 2 seconds, read anew in the background until 5, and waited for from then on', async () => {
    const clock = new FakeClock()
    const state = source(clock)
    await state.snapshot.get()
    await clock.advance(2000)
    expect(await valueIn(state.snapshot.get())).toBe(1)
    expect(state.asked).toBe(1)
    await clock.advance(1)
    expect(await valueIn(state.snapshot.get())).toBe(1)
    expect(state.asked).toBe(2)
    await clock.advance(0)
    expect(await valueIn(state.snapshot.get())).toBe(2)
    await clock.advance(5001)
    expect(await valueIn(state.snapshot.get())).toBe(3)
  })

  it('is never older than 5 seconds where reading fails, and says then why', async () => {
    const clock = new FakeClock()
    const state = source(clock)
    await state.snapshot.get()
    const failure = new Error('down')
    state.answer = () => Promise.reject(failure)
    await clock.advance(5000)
    expect(await valueIn(state.snapshot.get())).toBe(1)
    await clock.advance(1)
    await expect(valueIn(state.snapshot.get())).rejects.toBe(failure)
    expect(state.failures).not.toEqual([])
  })

  it('counts its age from the beginning of the reading', async () => {
    const clock = new FakeClock()
    const state = source(clock)
    let answer: (value: number) => void = () => {}
    state.answer = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const first = valueIn(state.snapshot.get())
    await clock.advance(900)
    answer(7)
    expect(await first).toBe(7)
    await clock.advance(1101)
    void state.snapshot.get()
    expect(state.asked).toBe(2)
    answer(8)
  })

  it('asks a source that is down once in half a second, and is well again with its first answer', async () => {
    const clock = new FakeClock()
    const state = source(clock)
    state.answer = () => Promise.reject(new Error('down'))
    for (let round = 0; round < 5; round++)
      await expect(valueIn(state.snapshot.get())).rejects.toThrow('down')
    expect(state.asked).toBe(1)
    await clock.advance(500)
    state.answer = () => Promise.resolve(9)
    expect(await valueIn(state.snapshot.get())).toBe(9)
  })

  it('gives a source that never answers up after its time, and asks it again', async () => {
    const clock = new FakeClock()
    const state = source(clock)
    state.answer = () => new Promise(() => {})
    const waiting = expect(valueIn(state.snapshot.get())).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await clock.advance(1000)
    await waiting
    state.answer = () => Promise.resolve(9)
    await clock.advance(500)
    expect(await valueIn(state.snapshot.get())).toBe(9)
  })

  it('is read by a refresh that begins after the call, whatever is under way', async () => {
    const clock = new FakeClock()
    const state = source(clock)
    let truth = 1
    const answers: (() => void)[] = []
    state.answer = () => {
      const seen = truth
      return new Promise((resolve) => answers.push(() => resolve(seen)))
    }
    const before = valueIn(state.snapshot.get())
    truth = 2
    const after = valueIn(state.snapshot.refresh())
    answers[0]?.()
    expect(await before).toBe(1)
    await clock.advance(0)
    answers[1]?.()
    expect(await after).toBe(2)
  })
})
