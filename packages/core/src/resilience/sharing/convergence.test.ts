import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { order } from '../testing/order.ts'
import { SharingMember } from './testing/sharing-member.ts'

const PROCESSES = 3
const RECOVERY_MS = 10_000

type Step =
  | { readonly kind: 'call'; readonly process: number; readonly outcome: 'ok' | 'failed' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'store'; readonly act: 'stop' | 'freeze' | 'resume' | 'flush' }
  | {
      readonly kind: 'person'
      readonly process: number
      readonly act: 'forceOpen' | 'forceClose' | 'disable' | 'reset'
    }
  | { readonly kind: 'restart'; readonly process: number }

const process = fc.nat(PROCESSES - 1)
const call = fc.record({
  kind: fc.constant('call' as const),
  process,
  outcome: fc.constantFrom('ok' as const, 'failed' as const, 'failed' as const),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: call },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1, 400, 1000, 5000, RECOVERY_MS, 12_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      act: fc.constantFrom('stop' as const, 'freeze' as const, 'resume' as const, 'flush' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      process,
      act: fc.constantFrom('forceOpen' as const, 'forceClose' as const, 'disable' as const, 'reset' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), process }) },
)

/** One process hears of the other's order before it hears that its own was accepted. */
const CROSSED_ORDERS: Step[] = [
  { kind: 'call', process: 0, outcome: 'failed' },
  { kind: 'call', process: 0, outcome: 'failed' },
  { kind: 'person', process: 0, act: 'forceOpen' },
  { kind: 'person', process: 1, act: 'disable' },
  { kind: 'pass', ms: 0 },
]

/** A cluster on one clock. */
class Cluster {
  readonly clock = new FakeClock()
  readonly store = new MemoryCircuitStore({ clock: this.clock })
  readonly persistence = new MemoryCircuitPersistence()
  readonly processes: SharingMember[] = []

  async start(index: number, quorum: number): Promise<void> {
    const { clock, store, persistence } = this
    const started = new SharingMember({ clock, store, persistence, quorum })
    this.processes[index] = started
    void started.sharing.start()
    started.breaker('x', { recoveryTimeoutMs: RECOVERY_MS })
    await clock.advance(0)
  }

  get statuses(): readonly string[] {
    return this.processes.map((one) => one.breaker('x').state.status)
  }

  async take(step: Step, quorum: number): Promise<void> {
    if (step.kind === 'pass') await this.clock.advance(step.ms)
    else if (step.kind === 'store') this.store[step.act]()
    else if (step.kind === 'call') await this.processes[step.process]?.call('x', step.outcome)
    else if (step.kind === 'person') {
      const breaker = this.processes[step.process]?.breaker('x')
      if (step.act === 'reset') breaker?.reset()
      else breaker?.[step.act](order())
    } else {
      const closing = this.processes[step.process]?.sharing.close()
      await this.clock.advance(6000)
      await closing
      await this.start(step.process, quorum)
    }
  }
}

describe('processes that share a circuit', () => {
  it('agree in the end, whatever calls, persons, restarts and failures of the store came before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 1, max: 2 }),
        async (steps, quorum) => {
          const cluster = new Cluster()
          for (let index = 0; index < PROCESSES; index++) await cluster.start(index, quorum)
          for (const one of steps) await cluster.take(one, quorum)
          cluster.store.resume()
          await cluster.clock.advance(30_000)
          // Calls that succeed now end what nobody holds.
          for (let round = 0; round < 8; round++) {
            for (const one of cluster.processes) await one.call('x')
            await cluster.clock.advance(5000)
          }
          expect(new Set(cluster.statuses).size, cluster.statuses.join()).toBe(1)
          expect(['closed', 'forced-open', 'forced-closed', 'disabled']).toContain(cluster.statuses[0])
          const closing = Promise.all(cluster.processes.map((one) => one.sharing.close()))
          await cluster.clock.advance(6000)
          await closing
          expect(cluster.clock.pendingCount).toBe(0)
        },
      ),
      { numRuns: 150, examples: [[CROSSED_ORDERS, 1]] },
    )
  })

  it('open together within one round trip, whichever of them trips, as often as it happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(process, { minLength: 1, maxLength: 12 }), async (trips) => {
        const cluster = new Cluster()
        for (let index = 0; index < PROCESSES; index++) await cluster.start(index, 1)
        for (const index of trips) {
          await cluster.processes[index]?.trip('x')
          await cluster.clock.advance(0)
          expect(cluster.statuses).toEqual(['open', 'open', 'open'])
          await cluster.clock.advance(RECOVERY_MS)
          await cluster.processes[0]?.call('x')
          await cluster.clock.advance(0)
          await cluster.processes[0]?.call('x')
          await cluster.clock.advance(0)
          expect(cluster.statuses).toEqual(['closed', 'closed', 'closed'])
        }
        await Promise.all(cluster.processes.map((one) => one.sharing.close()))
      }),
      { numRuns: 30 },
    )
  })
})
