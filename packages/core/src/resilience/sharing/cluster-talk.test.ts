import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import type { CircuitStoreListener, CircuitSubscription } from '../ports/circuit-store.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { order } from '../testing/order.ts'
import type { CircuitSharingOptions } from './circuit-sharing-options.ts'
import { SharingMember } from './testing/sharing-member.ts'

/** A store some of whose subscribers hear of nothing. */
class DeafStore extends MemoryCircuitStore {
  isDeaf = false

  override subscribe(listener: CircuitStoreListener): CircuitSubscription {
    if (!this.isDeaf) return super.subscribe(listener)
    return super.subscribe({
      changed: () => {},
      subscribed: () => listener.subscribed(),
      lost: () => listener.lost(),
    })
  }
}

describe('a process that speaks with others', () => {
  let clock: FakeClock
  let store: DeafStore
  let processes: SharingMember[]
  beforeEach(() => {
    clock = new FakeClock()
    store = new DeafStore({ clock })
    processes = []
  })
  afterEach(async () => {
    await Promise.all(processes.map(({ sharing }) => sharing.close()))
    expect(clock.pendingCount).toBe(0)
  })

  const start = async (options: CircuitSharingOptions = {}): Promise<SharingMember> => {
    const process = new SharingMember({ store, clock, processName: `p${processes.length}`, ...options })
    processes.push(process)
    void process.sharing.start()
    await clock.advance(0)
    return process
  }

  it('learns what it has missed when it asks to probe', async () => {
    const a = await start()
    await a.trip('x')
    await clock.advance(0)
    store.isDeaf = true
    const b = await start({ syncIntervalMs: 3_600_000 })
    expect(b.breaker('x').state.status).toBe('open')
    a.breaker('x').forceOpen(order('incident 12'))
    await clock.advance(10_000)
    expect(b.breaker('x').state.status).toBe('open')
    expect(await b.call('x')).toBe('CIRCUIT_OPEN')
    await clock.advance(0)
    expect(b.breaker('x').state).toMatchObject({ status: 'forced-open', reason: 'incident 12' })
  })

  it('probes by no lease that is from before a decision of another', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    await clock.advance(10_000)
    await a.call('x')
    await clock.advance(0)
    b.breaker('x').forceOpen(order())
    await clock.advance(0)
    b.breaker('x').reset()
    await clock.advance(0)
    await b.trip('x')
    await clock.advance(10_000)
    expect(a.breaker('x').state.status).toBe('open')
    expect(await a.call('x')).toBe('CIRCUIT_OPEN')
    await clock.advance(0)
    expect(await a.call('x')).toBe('ok')
  })

  it('forgets a circuit that it does not have once it is over for the others', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    await clock.advance(0)
    await a.sharing.close()
    await clock.advance(20_000)
    store.flush()
    await clock.advance(20_000)
    const before = store.commandCount
    await clock.advance(3_600_000)
    expect([store.commandCount - before, clock.pendingCount]).toEqual([0, 0])
    expect(b.breaker('x').state.status).toBe('closed')
  })

  it('compares what is not closed no sooner than the interval, at a moment of its own', async () => {
    const a = await start({ syncIntervalMs: 10_000, random: () => 0.5 })
    a.breaker('x').forceOpen(order('incident 12'))
    await clock.advance(0)
    const before = store.commandCount
    await clock.advance(14_999)
    expect(store.commandCount - before).toBe(0)
    await clock.advance(1)
    expect(store.commandCount - before).toBe(1)
  })

  it('tells what happened meanwhile as soon as the store is back, however long it gave no answer', async () => {
    const [a, b] = [await start(), await start()]
    store.stop()
    await a.trip('x')
    await clock.advance(4600)
    expect(b.breaker('x').state.status).toBe('closed')
    store.resume()
    await clock.advance(0)
    expect(b.breaker('x').state.status).toBe('open')
  })
})
