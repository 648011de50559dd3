import { describe, expect, it } from 'vitest'
import { ISOLATION_LEVELS, satisfiesIsolation } from './isolation.ts'

describe('satisfiesIsolation', () => {
  it('holds exactly for the level itself and the stronger ones', () => {
    ISOLATION_LEVELS.forEach((required, rank) => {
      const satisfying = ISOLATION_LEVELS.filter((available) => satisfiesIsolation(available, required))
      expect(satisfying).toEqual(ISOLATION_LEVELS.slice(rank))
    })
  })

  it('ranks a backend without a kernel boundary below every one that has a process of its own', () => {
    expect(satisfiesIsolation('wasm', 'namespace')).toBe(false)
    expect(satisfiesIsolation('gvisor', 'container')).toBe(true)
  })
})
