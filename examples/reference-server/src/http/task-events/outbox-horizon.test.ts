import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OutboxHorizon, settle, UNSEEN } from './outbox-horizon.ts'

/** A database in which transactions take positions, and show them when they commit. */
class Transactions {
  #position = 0n
  #next = 1n
  readonly #running = new Map<bigint, bigint[]>()
  readonly visible = new Set<bigint>()

  begin(): void {
    this.#running.set(this.#next++, [])
  }

  take(index: number): void {
    const positions = this.#at(index)?.[1]
    if (positions !== undefined) positions.push(++this.#position)
  }

  end(index: number, commits: boolean): void {
    const [id, positions] = this.#at(index) ?? []
    if (id === undefined) return
    this.#running.delete(id)
    if (commits) for (const position of positions ?? []) this.visible.add(position)
  }

  look(): { latest: bigint; oldestRunning: bigint; next: bigint } {
    const latest = [...this.visible].reduce((most, one) => (one > most ? one : most), 0n)
    return { latest, oldestRunning: [...this.#running.keys()][0] ?? this.#next, next: this.#next }
  }

  #at(index: number): [bigint, bigint[]] | undefined {
    const running = [...this.#running]
    return running[index % Math.max(1, running.length)]
  }
}

const step = fc.oneof(
  fc.constant({ kind: 'begin' } as const),
  fc.record({ kind: fc.constant('take' as const), index: fc.nat(20) }),
  fc.record({ kind: fc.constant('end' as const), index: fc.nat(20), commits: fc.boolean() }),
  fc.record({ kind: fc.constant('look' as const), isLate: fc.boolean() }),
)

describe('the horizon of the outbox', () => {
  it('lets nothing appear behind it, in any order of transactions and looks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const database = new Transactions()
        let horizon: OutboxHorizon = UNSEEN
        let overtaken = database.look()
        let seen: readonly bigint[] = []
        for (const one of steps) {
          if (one.kind === 'begin') database.begin()
          else if (one.kind === 'take') database.take(one.index)
          else if (one.kind === 'end') database.end(one.index, one.commits)
          else {
            // A look may arrive after one that was taken later.
            const now = database.look()
            const before = horizon.settled
            horizon = settle(horizon, one.isLate ? overtaken : now)
            overtaken = now
            expect(horizon.settled >= before).toBe(true)
          }
          const behind = [...database.visible].filter((position) => position <= horizon.settled).toSorted()
          if (one.kind !== 'look') expect(behind).toEqual(seen)
          seen = behind
        }
      }),
      { numRuns: 500 },
    )
  })

  it('comes up to all that is visible when nobody writes', () => {
    const busy = settle(UNSEEN, { latest: 7n, oldestRunning: 3n, next: 9n })
    expect(busy.settled).toBe(0n)
    expect(settle(busy, { latest: 7n, oldestRunning: 9n, next: 9n })).toEqual({
      settled: 7n,
      latest: 7n,
      marks: [],
    })
  })

  it('follows what begins anew behind a long transaction, once that has ended', () => {
    let horizon = UNSEEN
    for (let at = 1n; at <= 500n; at++)
      horizon = settle(horizon, { latest: at, oldestRunning: 1n, next: at + 1n })
    expect(horizon.marks.length).toBeLessThanOrEqual(100)
    expect(settle(horizon, { latest: 500n, oldestRunning: 501n, next: 501n }).settled).toBe(500n)
  })
})
