import { invalidOption } from '@golden-arch/testkit/options'
import OpossumBreaker from 'opossum'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RecordingMetrics } from '../../../observability/testing/index.ts'
import { CircuitBreakerRegistry } from '../../registry/circuit-breaker-registry.ts'
import type { CircuitBreakerRegistryOptions } from '../../registry/circuit-breaker-registry-options.ts'
import { MemoryCircuitStore } from '../../testing/memory-circuit-store.ts'
import { order } from '../../testing/order.ts'
import { fromOpossum } from './from-opossum.ts'

const RECOVERY_MS = 100

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Work = () => Promise<unknown>

function openOpossum(): OpossumBreaker<[Work], unknown> {
  return new OpossumBreaker((work: Work) => work(), {
    name: 'openai',
    timeout: false,
    resetTimeout: RECOVERY_MS,
    errorThresholdPercentage: 1,
    enableSnapshots: false,
  })
}

function adopt(options: CircuitBreakerRegistryOptions = {}): {
  opossum: OpossumBreaker<[Work], unknown>
  registry: CircuitBreakerRegistry
} {
  const registry = new CircuitBreakerRegistry(options)
  const opossum = openOpossum()
  registry.adopt(fromOpossum(opossum))
  return { opossum, registry }
}

const fail: Work = () => Promise.reject(new Error('down'))
const succeed: Work = () => Promise.resolve('up')

function statusOf(registry: CircuitBreakerRegistry): string | undefined {
  return registry.list('openai')[0]?.state.status
}

describe('an opossum breaker in a registry', () => {
  it('is listed with its state, and measured as ours are', async () => {
    const metrics = new RecordingMetrics()
    const { opossum, registry } = adopt({ metrics })
    await opossum.fire(succeed)
    await opossum.fire(fail).catch(() => {})
    await opossum.fire(succeed).catch(() => {})
    expect(registry.list()).toMatchObject([{ name: 'openai', failureCount: 1, state: { status: 'open' } }])
    await vi.advanceTimersByTimeAsync(RECOVERY_MS)
    await opossum.fire(succeed)
    expect(metrics.values('circuit_breaker_state', { name: 'openai' })).toEqual([0, 0, 2, 1, 0])
    const calls = ['success', 'failure', 'rejected'].map((outcome) =>
      metrics.counterValue('circuit_breaker_calls_total', { name: 'openai', outcome }),
    )
    expect(calls).toEqual([2, 1, 1])
  })

  it('stays open when forced, which opossum alone would undo', async () => {
    const { opossum, registry } = adopt()
    registry.forceOpen('openai', order())
    await vi.advanceTimersByTimeAsync(RECOVERY_MS * 10)
    await expect(opossum.fire(succeed)).rejects.toMatchObject({ code: 'EOPENBREAKER' })
    registry.reset('openai')
    await expect(opossum.fire(succeed)).resolves.toBe('up')
    expect(statusOf(registry)).toBe('closed')
  })

  it('stays closed when forced, and lets all pass when disabled', async () => {
    const { opossum, registry } = adopt()
    for (const hold of ['forceClose', 'disable'] as const) {
      registry[hold]('openai', order())
      for (let time = 0; time < 3; time++) await expect(opossum.fire(fail)).rejects.toThrow('down')
    }
    expect(statusOf(registry)).toBe('disabled')
    registry.reset('openai')
    await opossum.fire(fail).catch(() => {})
    expect(statusOf(registry)).toBe('open')
  })

  it('opens with the others, for the time that remains there, and closes with them', async () => {
    const shared = new MemoryCircuitStore()
    const first = adopt({ shared, processName: 'first' })
    const second = adopt({ shared, processName: 'second' })
    await Promise.all([first.registry.start(), second.registry.start()])
    await first.opossum.fire(fail).catch(() => {})
    await vi.advanceTimersByTimeAsync(20)
    expect(second.opossum.opened).toBe(true)
    expect(statusOf(second.registry)).toBe('open')
    await vi.advanceTimersByTimeAsync(RECOVERY_MS)
    // Asked for the first time, it rejects and gets the lease meanwhile.
    await first.opossum.fire(succeed).catch(() => {})
    await vi.advanceTimersByTimeAsync(1100)
    await first.opossum.fire(succeed)
    await vi.advanceTimersByTimeAsync(20)
    expect([statusOf(first.registry), statusOf(second.registry)]).toEqual(['closed', 'closed'])
    expect(second.opossum.closed).toBe(true)
    await Promise.all([first.registry.close(), second.registry.close()])
  })

  it('takes a name once, and what is no breaker not at all', () => {
    const { registry } = adopt()
    const taken = invalidOption('name', 'a name that no circuit of the registry has')
    const none = invalidOption('breaker', 'an opossum breaker')
    expect(() => registry.adopt(fromOpossum(openOpossum()))).toThrow(taken)
    expect(() => registry.get('openai')).toThrow(
      invalidOption('name', 'not the name of a circuit adopted from another library'),
    )
    const ours = new CircuitBreakerRegistry()
    ours.get('openai')
    expect(() => ours.adopt(fromOpossum(openOpossum()))).toThrow(taken)
    expect(() => fromOpossum({} as never)).toThrow(none)
    expect(() => fromOpossum({ on: () => {}, name: 'openai' } as never)).toThrow(none)
    expect(() => fromOpossum({ on: () => {}, open: () => {}, name: 'openai' } as never)).toThrow(none)
  })

  it.each(['30000', Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'is refused by a recovery time that is none, which opossum takes: %s',
    (given) => {
      // What a caller without types may pass.
      const resetTimeout = given as number
      const opossum = new OpossumBreaker(succeed, { name: 'openai', resetTimeout, enableSnapshots: false })
      expect(() => fromOpossum(opossum)).toThrow(
        invalidOption('breaker.options.resetTimeout', 'a finite number from 0'),
      )
    },
  )
})
