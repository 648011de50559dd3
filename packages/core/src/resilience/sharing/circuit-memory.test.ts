import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { METRICS } from '../../observability/index.ts'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { order } from '../testing/order.ts'
import type { CircuitSharingOptions } from './circuit-sharing-options.ts'
import { SharingMember } from './testing/sharing-member.ts'

describe('circuits that are remembered', () => {
  let clock: FakeClock
  let persistence: MemoryCircuitPersistence
  let processes: SharingMember[]
  beforeEach(() => {
    clock = new FakeClock()
    persistence = new MemoryCircuitPersistence()
    processes = []
  })
  afterEach(async () => {
    persistence.resume()
    await Promise.all(processes.map(({ sharing }) => sharing.close()))
    expect(clock.pendingCount).toBe(0)
  })

  const start = async (options: CircuitSharingOptions = {}): Promise<SharingMember> => {
    const process = new SharingMember({ persistence, clock, ...options })
    processes.push(process)
    void process.sharing.start()
    await clock.advance(0)
    return process
  }

  it('after a restart an open circuit stays open for the time that remains', async () => {
    const before = await start()
    await before.trip('x')
    await clock.advance(4000)
    await before.sharing.close()
    // The double tells the time that remained when it was written: a quarter of a second after the trip.
    const after = await start()
    expect(after.breaker('x').state).toMatchObject({ status: 'open', reopenAtMs: 13_750 })
    expect(await after.call('x')).toBe('CIRCUIT_OPEN')
    await clock.advance(9750)
    expect(await after.call('x')).toBe('ok')
  })

  it('after a restart a circuit that is held stays held, and one that closed is closed', async () => {
    const before = await start()
    before.breaker('held').forceOpen(order('alice'))
    await before.trip('closed')
    before.breaker('closed').reset()
    await before.sharing.close()
    const after = await start()
    expect(after.breaker('held').state).toMatchObject({ status: 'forced-open', reason: 'alice' })
    expect(after.breaker('closed').state.status).toBe('closed')
  })

  it('each circuit is written once for all its changes within the delay', async () => {
    const process = await start({ writeDelayMs: 100 })
    for (let round = 0; round < 50; round++) {
      await process.trip('x')
      process.breaker('x').reset()
    }
    await process.trip('x')
    await process.trip('y')
    await clock.advance(99)
    expect(persistence.writes).toEqual([])
    await clock.advance(1)
    expect(persistence.writes).toHaveLength(1)
    expect(persistence.writes[0]?.map(({ name, status }) => [name, status])).toEqual([
      ['x', 'open'],
      ['y', 'open'],
    ])
  })

  it('what could not be written is written later, in its newest state', async () => {
    const metrics = new RecordingMetrics()
    const process = await start({ metrics })
    persistence.stop()
    await process.trip('x')
    await process.trip('y')
    await clock.advance(60_000)
    expect(
      metrics.counterValue(METRICS.circuitBreakerSharingFailures.name, { operation: 'save' }),
    ).toBeGreaterThan(2)
    process.breaker('x').reset()
    persistence.resume()
    await clock.advance(30_000)
    const states = Object.fromEntries(persistence.writes.flat().map(({ name, status }) => [name, status]))
    expect(states).toEqual({ x: 'closed', y: 'open' })
  })

  it('no call waits for a database that is away, and what was remembered is read once it is back', async () => {
    const before = await start()
    await before.trip('x')
    await before.trip('y')
    await before.sharing.close()
    persistence.stop()
    const after = await start()
    expect(await after.call('x')).toBe('ok')
    await after.trip('y')
    after.breaker('y').reset()
    persistence.resume()
    await clock.advance(5000)
    expect(after.breaker('x').state.status).toBe('open')
    expect(after.breaker('y').state.status).toBe('closed')
  })

  it('a later write is never taken for an older one, though the clock of the machine was set back', async () => {
    const process = await start()
    await process.trip('x')
    await clock.advance(1000)
    clock.jumpWall(-3_600_000)
    process.breaker('x').reset()
    await clock.advance(1000)
    expect(await persistence.load()).toEqual([])
    const epochs = persistence.writes.flat().map(({ epoch }) => epoch)
    expect(epochs).toEqual(epochs.toSorted())
  })

  it('what is written after a restart is never taken for older than what was read, though the clock was set back', async () => {
    const before = await start()
    await before.trip('x')
    await before.sharing.close()
    clock.jumpWall(-3_600_000)
    const after = await start()
    after.breaker('x').reset()
    await after.sharing.close()
    expect(await persistence.load()).toEqual([])
  })

  it('a database that is away is asked less and less often', async () => {
    const process = await start()
    let asked = 0
    persistence.save = async () => {
      asked++
      throw new Error('away')
    }
    await process.trip('x')
    await clock.advance(60_000)
    expect(asked).toBeGreaterThan(3)
    expect(asked).toBeLessThan(12)
  })

  it('when the whole cluster restarts with an empty store, the circuits are open and agreed on again', async () => {
    const store = new MemoryCircuitStore({ clock })
    const before = await start({ store })
    await before.trip('x')
    await before.sharing.close()
    store.flush()
    const after = [await start({ store }), await start({ store })]
    await clock.advance(1000)
    for (const process of after) expect(process.breaker('x').state.status).toBe('open')
    expect(await store.read([])).toMatchObject([{ name: 'x', status: 'open' }])
  })

  it('what the cluster decided since is not undone by what one process remembers', async () => {
    const store = new MemoryCircuitStore({ clock })
    const before = await start({ store })
    await before.trip('x')
    await before.sharing.close()
    const other = await start({ store, persistence: new MemoryCircuitPersistence() })
    expect(other.breaker('x').state.status).toBe('open')
    other.breaker('x').reset()
    await clock.advance(0)
    const after = await start({ store })
    await clock.advance(1000)
    expect(after.breaker('x').state.status).toBe('closed')
  })

  it('changes while the store is away are remembered too', async () => {
    const store = new MemoryCircuitStore({ clock })
    const before = await start({ store })
    store.stop()
    await before.trip('x')
    await clock.advance(30_000)
    expect(persistence.writes).toHaveLength(1)
    await before.sharing.close()
    expect((await start()).breaker('x').state.status).toBe('open')
  })
})
