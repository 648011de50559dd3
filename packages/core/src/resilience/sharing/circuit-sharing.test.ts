import { invalidOption } from '@golden-arch/testkit/options'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { METRICS } from '../../observability/index.ts'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { order } from '../testing/order.ts'
import type { CircuitSharingOptions } from './circuit-sharing-options.ts'
import { SharingMember } from './testing/sharing-member.ts'

describe('processes that share circuits', () => {
  let clock: FakeClock
  let store: MemoryCircuitStore
  let processes: SharingMember[]
  beforeEach(() => {
    clock = new FakeClock()
    store = new MemoryCircuitStore({ clock })
    processes = []
  })
  afterEach(async () => {
    store.resume()
    await clock.advance(1000)
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
  const statuses = (): string[] => processes.map((process) => process.breaker('x').state.status)

  it('send nothing and keep no timer while all circuits are closed', async () => {
    const [a, b] = [await start(), await start()]
    for (const process of [a, b]) process.breaker('x')
    const before = store.commandCount
    for (let round = 0; round < 100; round++) {
      expect([await a.call('x'), await b.call('x', 'failed'), await b.call('x')]).toEqual([
        'ok',
        'failed',
        'ok',
      ])
    }
    expect(clock.pendingCount).toBe(0)
    await clock.advance(3_600_000)
    expect(store.commandCount).toBe(before)
  })

  it('open together when one trips, for the time that remains', async () => {
    const [a, b] = [await start(), await start()]
    b.breaker('x')
    await a.trip('x')
    await clock.advance(0)
    expect(statuses()).toEqual(['open', 'open'])
    await clock.advance(4000)
    const late = await start()
    expect(late.breaker('x').state).toMatchObject({ status: 'open', reopenAtMs: 10_000 })
    expect(await b.call('x')).toBe('CIRCUIT_OPEN')
  })

  it('measure what remains by durations alone, however the wall clocks differ', async () => {
    const a = await start()
    const behind = new FakeClock(new Date('2020-01-01'))
    const b = new SharingMember({ store, clock: behind })
    processes.push(b)
    void b.sharing.start()
    await behind.advance(0)
    b.breaker('x')
    clock.jumpWall(3_600_000)
    await a.trip('x')
    await clock.advance(0)
    expect(b.breaker('x').state).toMatchObject({ status: 'open', reopenAtMs: 10_000 })
  })

  it('let one of them probe, and close together when it succeeds', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    await clock.advance(10_000)
    expect([await a.call('x'), await b.call('x')]).toEqual(['CIRCUIT_OPEN', 'CIRCUIT_OPEN'])
    await clock.advance(0)
    expect(await b.call('x')).toBe('CIRCUIT_OPEN')
    expect(await a.call('x')).toBe('ok')
    await clock.advance(0)
    expect(statuses()).toEqual(['closed', 'closed'])
    expect(await b.call('x')).toBe('ok')
  })

  it('open again together when the probe fails', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    await clock.advance(10_000)
    await b.call('x')
    await clock.advance(0)
    expect(await b.call('x', 'failed')).toBe('failed')
    await clock.advance(0)
    for (const process of [a, b]) {
      expect(process.breaker('x').state).toMatchObject({ status: 'open', reopenAtMs: 20_000 })
    }
  })

  it('keep the lease for a probe that takes long, and pass it on when its owner is gone', async () => {
    const [a, b] = [await start({ probeLeaseMs: 3000 }), await start({ probeLeaseMs: 3000 })]
    await a.trip('x')
    await clock.advance(10_000)
    await a.call('x')
    await b.call('x')
    await clock.advance(0)
    let finish: () => void = () => {}
    const probe = a.breaker('x').execute(() => new Promise<void>((resolve) => (finish = resolve)))
    for (let second = 0; second < 20; second++) {
      await clock.advance(1000)
      expect(await b.call('x')).toBe('CIRCUIT_OPEN')
    }
    a.breaker('x').forceClose(order())
    a.breaker('x').reset()
    finish()
    await probe
    await clock.advance(0)
    await b.trip('x')
    await clock.advance(10_000)
    await a.call('x')
    await clock.advance(0)
    // The owner never uses its lease.
    expect(await b.call('x')).toBe('CIRCUIT_OPEN')
    await clock.advance(0)
    await clock.advance(3100)
    expect(await b.call('x')).toBe('CIRCUIT_OPEN')
    await clock.advance(0)
    expect(await b.call('x')).toBe('ok')
  })

  it('recover though calls come less often than leases end', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    const answers: string[] = []
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000)
      answers.push(await a.call('x'), await b.call('x'))
    }
    expect(answers.filter((answer) => answer === 'ok').length).toBeGreaterThan(0)
    await clock.advance(0)
    expect(statuses()).toEqual(['closed', 'closed'])
  })

  it('hold a circuit that a person forced, until a person resets it', async () => {
    const [a, b] = [await start(), await start()]
    a.breaker('x').forceOpen(order('alice: maintenance'))
    await clock.advance(0)
    expect(b.breaker('x').state).toMatchObject({ status: 'forced-open', reason: 'alice: maintenance' })
    await clock.advance(86_400_000)
    expect(await b.call('x')).toBe('CIRCUIT_ISOLATED')
    const late = await start()
    expect(late.breaker('x').state.status).toBe('forced-open')
    late.breaker('x').reset()
    await clock.advance(0)
    expect(statuses()).toEqual(['closed', 'closed', 'closed'])
  })

  it('settle on one state when two persons act at once', async () => {
    const [a, b] = [await start(), await start()]
    b.breaker('x')
    a.breaker('x').forceOpen(order('alice'))
    b.breaker('x').disable(order('bob'))
    await clock.advance(0)
    expect(statuses()).toEqual(['disabled', 'disabled'])
  })

  it('with a quorum of two, open alone at first and together when a second one trips', async () => {
    const options = { quorum: 2 }
    const [a, b, c] = [await start(options), await start(options), await start(options)]
    for (const process of [b, c]) process.breaker('x')
    await a.trip('x')
    await clock.advance(0)
    expect(statuses()).toEqual(['open', 'closed', 'closed'])
    await b.trip('x')
    await clock.advance(0)
    expect(statuses()).toEqual(['open', 'open', 'open'])
  })

  it('with a quorum of two, one that opened alone recovers alone', async () => {
    const options = { quorum: 2 }
    const [a, b] = [await start(options), await start(options)]
    b.breaker('x')
    await a.trip('x')
    await clock.advance(30_000)
    await a.call('x')
    await clock.advance(0)
    expect(await a.call('x')).toBe('ok')
    await clock.advance(0)
    expect(statuses()).toEqual(['closed', 'closed'])
    expect(await store.read(['x'])).toEqual([])
  })

  describe.each(['stop', 'freeze'] as const)('when the store does not answer (%s)', (failure) => {
    it('go on alone, probe after a spread of their own, and agree when it is back', async () => {
      const metrics = new RecordingMetrics()
      const [a, b] = [await start({ metrics }), await start()]
      b.breaker('x')
      const up = (): number | undefined => metrics.gaugeValue(METRICS.circuitBreakerSharedUp.name)
      expect(up()).toBe(1)
      store[failure]()
      await a.trip('x')
      expect(await a.call('x')).toBe('CIRCUIT_OPEN')
      await clock.advance(1000)
      expect(up()).toBe(0)
      expect(statuses()).toEqual(['open', 'closed'])
      await clock.advance(4000)
      store.resume()
      await clock.advance(10_000)
      expect(up()).toBe(1)
      expect(b.breaker('x').state.status).toBe('open')
      store[failure]()
      await clock.advance(12_000)
      // Half of the spread of a tenth of the recovery time.
      expect(await a.call('x')).toBe('CIRCUIT_OPEN')
      await clock.advance(1000)
      expect(await a.call('x')).toBe('ok')
      expect(statuses()).toEqual(['closed', 'open'])
      store.resume()
      await clock.advance(10_000)
      expect(statuses()).toEqual(['closed', 'closed'])
      expect(up()).toBe(1)
    })

    it('are sparing with commands', async () => {
      const a = await start({ syncIntervalMs: 50 })
      store[failure]()
      await a.trip('x')
      const before = store.commandCount
      for (let second = 0; second < 600; second++) {
        await a.call('x')
        await clock.advance(100)
      }
      expect(store.commandCount - before).toBeLessThan(100)
    })
  })

  it('tell the store again what it forgot, and go on above the epochs from before', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    a.breaker('held').forceOpen(order('alice'))
    b.breaker('x')
    await clock.advance(0)
    const [before] = await store.read(['x'])
    store.flush()
    await clock.advance(9000)
    const [after] = (await store.read(['x'])).filter(({ name }) => name === 'x')
    expect(after?.status).toBe('open')
    expect(after?.epoch).toBeGreaterThan(before?.epoch ?? Number.POSITIVE_INFINITY)
    const late = await start()
    expect(late.breaker('held').state.status).toBe('forced-open')
    await clock.advance(2000)
    await a.call('x')
    await clock.advance(0)
    await a.call('x')
    await clock.advance(0)
    store.flush()
    expect(statuses()).toEqual(['closed', 'closed', 'closed'])
    await b.trip('x')
    await clock.advance(0)
    expect(statuses()).toEqual(['open', 'open', 'open'])
  })

  it('start without a store that does not answer', async () => {
    store.stop()
    const process = new SharingMember({ store, clock })
    processes.push(process)
    const started = process.sharing.start()
    await clock.advance(1000)
    await started
    expect(await process.call('x')).toBe('ok')
  })

  it('give their lease back when they close', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    await clock.advance(10_000)
    await a.call('x')
    await clock.advance(0)
    await a.sharing.close()
    await b.call('x')
    await clock.advance(0)
    expect(await b.call('x')).toBe('ok')
  })

  it('give the lease of a circuit back that is evicted, and know its state when it is made anew', async () => {
    const [a, b] = [await start(), await start()]
    await a.trip('x')
    await clock.advance(10_000)
    await a.call('x')
    await clock.advance(0)
    a.sharing.left('x')
    await clock.advance(0)
    await b.call('x')
    await clock.advance(0)
    const probe = b.call('x', 'failed')
    await clock.advance(0)
    expect(await probe).toBe('failed')
    const again = a.remake('x')
    expect(again.state).toMatchObject({ status: 'open', reopenAtMs: 20_000 })
  })

  it('refuse settings out of their range', () => {
    const bad = {
      ...{ quorum: 0, quorumWindowMs: 0, probeLeaseMs: 99, syncIntervalMs: 9 },
      ...{ writeDelayMs: 0, persistenceTimeoutMs: 60_001, processName: '' },
    }
    for (const [option, value] of Object.entries(bad))
      expect(() => new SharingMember({ [option]: value })).toThrow(invalidOption(option))
  })
})
