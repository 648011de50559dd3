import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from '../time/testing/index.ts'
import { applyRemote, CircuitBreaker } from './circuit-breaker.ts'
import type { Isolation } from './isolation.ts'
import { order } from './testing/order.ts'

const RECOVERY_MS = 50
const PROBE_TIMEOUT_MS = 80

interface Settings {
  readonly failureThreshold: number
  readonly maxProbes: number
  readonly successThreshold: number
}

/** A call that was let through, as the model sees it. */
interface RunningCall {
  readonly end: (outcome: 'success' | 'failure' | 'abort') => Promise<void>
  readonly isProbe: boolean
  readonly era: number
  readonly startedMs: number
}

/** What the circuit ought to do, told with lists and no cleverness. */
class Model {
  status: 'closed' | 'open' | 'half-open' | 'forced-open' | 'forced-closed' | 'disabled' = 'closed'
  /** Counts the changes of status or of the time to recover. */
  era = 0
  failures = 0
  goodProbes = 0
  probes: RunningCall[] = []
  openUntilMs = 0
  /** Where the circuit would be without an isolation, while there is one. */
  below: { status: Model['status']; openUntilMs: number; isNews: boolean } | undefined
  readonly settings: Settings

  constructor(settings: Settings) {
    this.settings = settings
  }

  admission(nowMs: number): 'pass' | 'probe' | 'reject' {
    if (this.status === 'forced-open') return 'reject'
    if (this.status === 'open') return nowMs >= this.openUntilMs ? 'probe' : 'reject'
    if (this.status === 'half-open') return this.probes.length < this.settings.maxProbes ? 'probe' : 'reject'
    return 'pass'
  }

  go(status: Model['status'], nowMs = 0, remainingMs = RECOVERY_MS): void {
    this.status = status
    this.era++
    this.goodProbes = 0
    this.probes = []
    if (status === 'closed') this.failures = 0
    if (status === 'open') this.openUntilMs = nowMs + remainingMs
  }

  isolate(): void {
    if (this.below !== undefined) return
    this.below = { status: this.status, openUntilMs: this.openUntilMs, isNews: this.status !== 'forced-open' }
    if (this.below.isNews) this.go('forced-open')
  }

  release(nowMs: number): void {
    const { below } = this
    this.below = undefined
    if (below === undefined || !below.isNews) return
    if (below.status === 'half-open') this.go('open', nowMs, 0)
    else this.go(below.status, nowMs, below.openUntilMs - nowMs)
  }

  remote(status: Model['status'], nowMs: number, remainingMs: number): void {
    const current = this.below?.status ?? this.status
    const isHeld = ['forced-open', 'forced-closed', 'disabled'].includes(current)
    if (status === 'open' ? isHeld : status === current) return
    if (this.below === undefined) this.go(status, nowMs, remainingMs)
    else this.below = { status, openUntilMs: nowMs + remainingMs, isNews: true }
  }

  ended(call: RunningCall, outcome: 'success' | 'failure' | 'abort', nowMs: number): void {
    if (call.era !== this.era) return
    if (call.isProbe) this.probes = this.probes.filter((probe) => probe !== call)
    if (outcome === 'abort') return
    this.failures = outcome === 'failure' ? this.failures + 1 : 0
    if (call.isProbe) {
      if (outcome === 'failure') this.go('open', nowMs)
      else if (++this.goodProbes >= this.settings.successThreshold) this.go('closed')
    } else if (this.status === 'closed' && this.failures >= this.settings.failureThreshold) {
      this.go('open', nowMs)
    }
  }
}

const settings = fc.record({
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  maxProbes: fc.integer({ min: 1, max: 3 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
})

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('begin' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('end' as const),
      which: fc.nat(7),
      outcome: fc.constantFrom('failure', 'failure', 'success', 'abort'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constantFrom('forceOpen', 'forceClose', 'disable', 'reset') }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('isolate', 'release') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('remote' as const),
      status: fc.constantFrom('open', 'closed', 'forced-open', 'forced-closed', 'disabled'),
      remainingMs: fc.integer({ min: 0, max: 60 }),
    }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** The circuit and its model, taking the same steps. */
class Pair {
  readonly clock = new FakeClock()
  readonly model: Model
  readonly breaker: CircuitBreaker
  readonly running: RunningCall[] = []
  #epoch = 0
  #isolation: Isolation | undefined

  constructor(chosen: Settings) {
    this.model = new Model(chosen)
    this.breaker = new CircuitBreaker('model', {
      ...chosen,
      clock: this.clock,
      recoveryTimeoutMs: RECOVERY_MS,
      probeTimeoutMs: PROBE_TIMEOUT_MS,
    })
  }

  async take(taken: Step): Promise<void> {
    switch (taken.act) {
      case 'begin':
        return await this.#begin()
      case 'end': {
        const call = this.running[taken.which % Math.max(1, this.running.length)]
        if (call !== undefined) await this.#end(call, taken.outcome)
        return
      }
      case 'wait':
        return await this.#wait(taken.ms)
      case 'remote':
        return this.#remote(taken.status, taken.remainingMs)
      case 'isolate':
        this.#isolation ??= this.breaker.isolate()
        return this.model.isolate()
      case 'release':
        this.#isolation?.release()
        this.#isolation = undefined
        return this.model.release(this.clock.monotonicMs())
      default:
        return this.#hold(taken.act)
    }
  }

  async #begin(): Promise<void> {
    const { model, breaker, clock } = this
    const nowMs = clock.monotonicMs()
    const admission = model.admission(nowMs)
    const caller = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let isCalled = false
    const settled = breaker.execute(
      (signal) => {
        isCalled = true
        signal.addEventListener('abort', () => reject(new Error('aborted')))
        return promise
      },
      { signal: caller.signal },
    )
    const code = settled.then(
      () => 'ok',
      (error: { code?: string; message: string }) => error.code ?? error.message,
    )
    await Promise.resolve()
    expect(isCalled).toBe(admission !== 'reject')
    if (admission === 'reject') {
      expect(await code).toBe(model.status === 'forced-open' ? 'CIRCUIT_ISOLATED' : 'CIRCUIT_OPEN')
      return
    }
    if (model.status === 'open') model.go('half-open')
    const call: RunningCall = {
      isProbe: admission === 'probe',
      era: model.era,
      startedMs: nowMs,
      end: async (outcome) => {
        if (outcome === 'success') resolve('ok')
        else if (outcome === 'failure') reject(new Error('down'))
        else caller.abort('enough')
        expect(await code).toBe({ success: 'ok', failure: 'down', abort: 'ABORTED' }[outcome])
      },
    }
    if (call.isProbe) model.probes.push(call)
    this.running.push(call)
  }

  async #end(call: RunningCall, outcome: 'success' | 'failure' | 'abort'): Promise<void> {
    this.running.splice(this.running.indexOf(call), 1)
    await call.end(outcome)
    this.model.ended(call, outcome, this.clock.monotonicMs())
  }

  async #wait(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms
    await this.clock.advance(ms)
    const overdue = this.running.filter((call) => call.isProbe && call.startedMs + PROBE_TIMEOUT_MS <= endMs)
    for (const call of overdue) {
      this.running.splice(this.running.indexOf(call), 1)
      this.model.ended(call, 'failure', call.startedMs + PROBE_TIMEOUT_MS)
    }
  }

  #remote(
    status: 'open' | 'closed' | 'forced-open' | 'forced-closed' | 'disabled',
    remainingMs: number,
  ): void {
    applyRemote(this.breaker, { epoch: ++this.#epoch, status, remainingMs, reason: 'elsewhere' })
    this.model.remote(status, this.clock.monotonicMs(), remainingMs)
  }

  #hold(act: 'forceOpen' | 'forceClose' | 'disable' | 'reset'): void {
    const { model, breaker } = this
    this.#isolation = undefined
    model.below = undefined
    if (act === 'reset') breaker.reset()
    else breaker[act](order())
    if (act === 'reset') {
      if (model.status !== 'closed') model.go('closed')
      model.failures = 0
    } else
      model.go(({ forceOpen: 'forced-open', forceClose: 'forced-closed', disable: 'disabled' } as const)[act])
  }

  compare(): void {
    const { model, breaker } = this
    const { state } = breaker
    expect(state.status).toBe(model.status)
    expect(state.generation).toBe(model.era)
    expect(breaker.failureCount).toBe(model.failures)
    if (state.status === 'half-open') {
      expect(state.probesInFlight).toBe(model.probes.length)
      expect(state.probesInFlight).toBeLessThanOrEqual(model.settings.maxProbes)
      expect(state.successes).toBe(model.goodProbes)
    }
    if (state.status === 'open') expect(state.reopenAtMs).toBe(model.openUntilMs)
    const probesRunning = this.running.filter(({ isProbe }) => isProbe).length
    expect(this.clock.pendingCount).toBe(probesRunning)
  }
}

it('a breaker does what its model does, whatever calls end how, when and in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 50 }), async (chosen, steps) => {
      const pair = new Pair(chosen)
      for (const taken of steps) {
        await pair.take(taken)
        pair.compare()
      }
      for (const call of [...pair.running]) await call.end('success')
    }),
    { numRuns: 500 },
  )
})
