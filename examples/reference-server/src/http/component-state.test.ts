import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { ComponentState } from './component-state.ts'

/** A component whose answers are given by hand. */
function component(): {
  state: ComponentState
  clock: FakeClock
  asked: PromiseWithResolvers<void>[]
} {
  const clock = new FakeClock()
  const asked: PromiseWithResolvers<void>[] = []
  const state = new ComponentState({
    clock,
    ask: () => {
      const answer = Promise.withResolvers<void>()
      asked.push(answer)
      return answer.promise
    },
  })
  return { state, clock, asked }
}

describe('the state of a component', () => {
  it('is what the component answers now', async () => {
    const { state, asked } = component()
    const first = state.isUp()
    asked[0]?.resolve()
    expect(await first).toBe(true)
    const second = state.isUp()
    asked[1]?.reject(new Error('away'))
    expect(await second).toBe(false)
    const third = state.isUp()
    asked[2]?.resolve()
    expect(await third).toBe(true)
  })

  it('is told in 100 ms by what was found last, where the component is silent', async () => {
    const { state, clock, asked } = component()
    const first = state.isUp()
    asked[0]?.resolve()
    await first
    const silent = state.isUp()
    await clock.advance(100)
    expect(await silent).toBe(true)
    const again = state.isUp()
    await clock.advance(100)
    expect(await again).toBe(true)
    expect(asked).toHaveLength(2)
    await clock.advance(4800)
    const known = state.isUp()
    expect(asked).toHaveLength(3)
    await clock.advance(100)
    expect(await known).toBe(false)
    const mended = state.isUp()
    asked[2]?.resolve()
    expect(await mended).toBe(true)
  })

  it('is down after five seconds where the component has never answered', async () => {
    const { state, clock } = component()
    const first = state.isUp()
    await clock.advance(5000)
    expect(await first).toBe(false)
  })
})
