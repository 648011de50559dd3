import { getEventListeners } from 'node:events'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import type { Tracer } from '../observability/index.ts'
import { silentTracer } from '../observability/index.ts'
import { RecordingLogger, RecordingMetrics } from '../observability/testing/index.ts'
import { FakeClock } from '../time/testing/index.ts'
import { applyRemote, CircuitBreaker } from './circuit-breaker.ts'
import type { CircuitBreakerOptions } from './circuit-breaker-options.ts'
import { resolveCircuitBreakerOptions, resolvedWith } from './circuit-breaker-options.ts'
import type { CircuitCoordinator } from './circuit-coordinator.ts'
import type { CircuitChange } from './circuit-state.ts'
import { order } from './testing/order.ts'
import { timeout } from './timeout/timeout.ts'
import { failureRate } from './trip-rules/failure-rate.ts'
import { slowCallRate } from './trip-rules/slow-call-rate.ts'

const fail = (): Promise<never> => Promise.reject(new Error('down'))
const succeed = (): Promise<string> => Promise.resolve('up')

function open(options: CircuitBreakerOptions = {}): { breaker: CircuitBreaker; clock: FakeClock } {
  const clock = new FakeClock()
  return { breaker: new CircuitBreaker('openai', { clock, ...options }), clock }
}

async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await breaker.execute(fail).catch(() => {})
}

/** A call whose end the test decides on. */
function pendingCall(): {
  call: (signal: AbortSignal) => Promise<string>
  succeed: () => void
  fail: () => void
} {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { call: (_signal) => promise, succeed: () => resolve('late'), fail: () => reject(new Error('late')) }
}

function code(expected: string): unknown {
  return expect.objectContaining({ code: expected })
}

describe('a closed circuit', () => {
  it('answers as the call does', async () => {
    const { breaker } = open()
    await expect(breaker.execute(() => 7)).resolves.toBe(7)
    await expect(breaker.execute(() => undefined)).resolves.toBeUndefined()
    await expect(breaker.execute(fail)).rejects.toThrow('down')
    const thrown = new Error('at once')
    await expect(
      breaker.execute(() => {
        throw thrown
      }),
    ).rejects.toBe(thrown)
    // A thenable of another library.
    // biome-ignore lint/suspicious/noThenProperty: it stands for the promise of another library
    const thenable = { then: (resolve: (value: string) => void) => resolve('thenable') }
    await expect(breaker.execute(() => thenable as PromiseLike<string>)).resolves.toBe('thenable')
  })

  it('opens with the fifth failure in a row, and not before', async () => {
    const { breaker } = open()
    await failTimes(breaker, 4)
    await breaker.execute(succeed)
    await failTimes(breaker, 4)
    expect(breaker.state.status).toBe('closed')
    await failTimes(breaker, 1)
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'consecutive-failures' })
    expect(breaker.failureCount).toBe(5)
  })

  it('opens by a failure rate alone where a rule is given', async () => {
    const { breaker } = open({ tripRules: [failureRate({ window: { calls: 10 }, minimumCalls: 10 })] })
    await failTimes(breaker, 9)
    expect(breaker.state.status).toBe('closed')
    await failTimes(breaker, 1)
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'failure-rate' })
  })

  it('opens when calls are slow though they succeed', async () => {
    const rule = slowCallRate({ slowCallMs: 100, window: { calls: 2 }, minimumCalls: 2 })
    const { breaker, clock } = open({ tripRules: [rule] })
    for (let time = 0; time < 2; time++) {
      const slow = breaker.execute(async () => {
        await clock.advance(100)
      })
      await slow
    }
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'slow-call-rate' })
  })

  it('counts a result that the filter calls a failure, and gives it all the same', async () => {
    const { breaker } = open({ failureThreshold: 1, isFailure: (result) => result === 'bad' })
    await expect(breaker.execute(() => 'bad')).resolves.toBe('bad')
    expect(breaker.state.status).toBe('open')
  })

  it('leaves uncounted what the error filter ignores, and counts as success what it calls one', async () => {
    const { breaker } = open({
      failureThreshold: 2,
      outcomeOfError: (error) => (error as Error).message as 'failure' | 'ignored' | 'success',
    })
    const failAs = (outcome: string) =>
      breaker.execute(() => Promise.reject(new Error(outcome))).catch(() => {})
    await failAs('failure')
    await failAs('ignored')
    expect(breaker.failureCount).toBe(1)
    await failAs('success')
    expect(breaker.failureCount).toBe(0)
  })

  it('does not open because an inner policy refused the call', async () => {
    const inner = new CircuitBreaker('inner')
    inner.forceOpen(order())
    const { breaker } = open({ failureThreshold: 1 })
    await expect(breaker.execute(() => inner.execute(succeed))).rejects.toEqual(code('CIRCUIT_ISOLATED'))
    expect(breaker.state.status).toBe('closed')
  })

  it('is not disturbed by filters that throw', async () => {
    const logger = new RecordingLogger()
    const breaker = new CircuitBreaker('openai', {
      failureThreshold: 1,
      logger,
      outcomeOfError: () => {
        throw new Error('filter')
      },
      isFailure: () => {
        throw new Error('filter')
      },
    })
    await expect(breaker.execute(fail)).rejects.toThrow('down')
    await expect(breaker.execute(succeed)).resolves.toBe('up')
    expect(breaker.state.status).toBe('closed')
    expect(logger.messages('error')).toEqual([
      'outcomeOfError of a circuit threw',
      'isFailure of a circuit threw',
    ])
  })
})

describe('an open circuit', () => {
  it('rejects without calling, says when to come back, and carries no stack trace unless told to', async () => {
    const { breaker, clock } = open({ recoveryTimeoutMs: 1000 })
    await failTimes(breaker, 5)
    await clock.advance(400)
    let calls = 0
    const rejected = await breaker.execute(() => ++calls).catch((error: unknown) => error)
    expect(rejected).toMatchObject({
      code: 'CIRCUIT_OPEN',
      retryable: true,
      retryAfterMs: 600,
      policy: 'openai',
    })
    expect((rejected as Error).stack).not.toContain('circuit-breaker.test')
    expect(calls).toBe(0)
    const traced = open({ hasRejectionStacks: true }).breaker
    traced.forceOpen(order())
    const stacked = await traced.execute(succeed).catch((error: Error) => error.stack)
    expect(stacked).toContain('    at ')
  })

  it('lets one probe through after the recovery time, and closes when it succeeds', async () => {
    const { breaker, clock } = open({ recoveryTimeoutMs: 1000 })
    await failTimes(breaker, 5)
    await clock.advance(999)
    await expect(breaker.execute(succeed)).rejects.toEqual(code('CIRCUIT_OPEN'))
    await clock.advance(1)
    await expect(breaker.execute(succeed)).resolves.toBe('up')
    expect(breaker.state.status).toBe('closed')
    expect(breaker.failureCount).toBe(0)
  })

  it('opens again for the whole recovery time when the probe fails', async () => {
    const { breaker, clock } = open({ recoveryTimeoutMs: 1000 })
    await failTimes(breaker, 5)
    await clock.advance(1500)
    await expect(breaker.execute(fail)).rejects.toThrow('down')
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'probe-failed', reopenAtMs: 2500 })
    expect(breaker.failureCount).toBe(6)
  })

  it('keeps no timer while it waits', async () => {
    const { breaker, clock } = open()
    await failTimes(breaker, 5)
    expect(clock.pendingCount).toBe(0)
  })

  it('is as patient after a jump of the wall clock as before', async () => {
    const { breaker, clock } = open({ recoveryTimeoutMs: 1000 })
    await failTimes(breaker, 5)
    clock.jumpWall(3_600_000)
    await expect(breaker.execute(succeed)).rejects.toEqual(code('CIRCUIT_OPEN'))
  })
})

describe('a half-open circuit', () => {
  it('rejects callers above the probe limit at once instead of parking them', async () => {
    const { breaker, clock } = open({ maxProbes: 2, recoveryTimeoutMs: 10 })
    await failTimes(breaker, 5)
    await clock.advance(10)
    const [first, second] = [pendingCall(), pendingCall()]
    const probes = [breaker.execute(first.call), breaker.execute(second.call)]
    await expect(breaker.execute(succeed)).rejects.toEqual(code('CIRCUIT_OPEN'))
    first.succeed()
    second.succeed()
    await Promise.all(probes)
    expect(breaker.state.status).toBe('closed')
  })

  it('closes only after as many good probes as asked for', async () => {
    const { breaker, clock } = open({ successThreshold: 3, recoveryTimeoutMs: 10 })
    await failTimes(breaker, 5)
    await clock.advance(10)
    await breaker.execute(succeed)
    await breaker.execute(succeed)
    expect(breaker.state).toMatchObject({ status: 'half-open', successes: 2 })
    await breaker.execute(succeed)
    expect(breaker.state.status).toBe('closed')
  })

  it('gives up a probe that hangs, aborts it, and opens again', async () => {
    const { breaker, clock } = open({ probeTimeoutMs: 500, recoveryTimeoutMs: 10 })
    await failTimes(breaker, 5)
    await clock.advance(10)
    let signal: AbortSignal | undefined
    const probe = breaker.execute((given) => {
      signal = given
      return new Promise(() => {})
    })
    const settled = expect(probe).rejects.toEqual(code('PROBE_TIMEOUT'))
    await clock.advance(500)
    await settled
    expect(signal?.aborted).toBe(true)
    expect(breaker.state.status).toBe('open')
    expect(clock.pendingCount).toBe(0)
  })

  it('gives the place of a probe back when its caller loses interest', async () => {
    const { breaker, clock } = open({ recoveryTimeoutMs: 10 })
    await failTimes(breaker, 5)
    await clock.advance(10)
    const caller = new AbortController()
    const probe = breaker.execute(() => new Promise(() => {}), { signal: caller.signal })
    const settled = expect(probe).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    caller.abort('enough')
    await settled
    expect(breaker.state).toMatchObject({ status: 'half-open', probesInFlight: 0 })
    await expect(breaker.execute(succeed)).resolves.toBe('up')
    expect(breaker.state.status).toBe('closed')
  })
})

describe('a result from another generation', () => {
  it('a success of before the opening does not close a half-open circuit', async () => {
    const { breaker, clock } = open({ recoveryTimeoutMs: 10 })
    const early = pendingCall()
    const call = breaker.execute(early.call)
    await failTimes(breaker, 5)
    await clock.advance(10)
    const probe = pendingCall()
    const probing = breaker.execute(probe.call)
    early.succeed()
    await call
    expect(breaker.state).toMatchObject({ status: 'half-open', successes: 0 })
    probe.succeed()
    await probing
    expect(breaker.state.status).toBe('closed')
  })

  it('a probe of an earlier half-open time decides nothing in a later one', async () => {
    const { breaker, clock } = open({ maxProbes: 2, recoveryTimeoutMs: 10 })
    await failTimes(breaker, 5)
    await clock.advance(10)
    const [slow, later] = [pendingCall(), pendingCall()]
    const slowProbe = breaker.execute(slow.call).catch(() => {})
    await failTimes(breaker, 1)
    await clock.advance(10)
    const laterProbe = breaker.execute(later.call)
    slow.fail()
    await slowProbe
    expect(breaker.state).toMatchObject({ status: 'half-open', probesInFlight: 1, successes: 0 })
    later.succeed()
    await laterProbe
  })

  it('failures of before a reset do not open the circuit', async () => {
    const { breaker } = open({ failureThreshold: 2 })
    const lates = [pendingCall(), pendingCall()]
    const calls = lates.map(({ call }) => breaker.execute(call).catch(() => {}))
    await failTimes(breaker, 2)
    breaker.reset()
    for (const late of lates) late.fail()
    await Promise.all(calls)
    expect([breaker.state.status, breaker.failureCount]).toEqual(['closed', 0])
  })
})

describe('the signal of a call', () => {
  it('is the caller’s own, or one that nobody else has', async () => {
    const { breaker } = open()
    const { signal } = new AbortController()
    const seen: AbortSignal[] = []
    const look = (given: AbortSignal): void => void seen.push(given)
    await breaker.execute(look, { signal })
    await breaker.execute(look)
    await breaker.execute(look)
    expect(seen[0]).toBe(signal)
    expect(seen[1]).not.toBe(seen[2])
  })

  it('that has fired already lets no call begin, whatever the state', async () => {
    const { breaker } = open()
    const signal = AbortSignal.abort('gone')
    let calls = 0
    const aborted = { code: 'ABORTED', cause: 'gone' }
    await expect(breaker.execute(() => ++calls, { signal })).rejects.toMatchObject(aborted)
    breaker.forceClose(order())
    await expect(breaker.execute(() => ++calls, { signal })).rejects.toMatchObject(aborted)
    breaker.forceOpen(order())
    await expect(breaker.execute(() => ++calls, { signal })).rejects.toMatchObject(aborted)
    expect(calls).toBe(0)
  })

  it('that has fired already begins no probe', async () => {
    const { breaker, clock } = open({ failureThreshold: 1 })
    await failTimes(breaker, 1)
    await clock.advance(30_000)
    let calls = 0
    const call = breaker.execute(() => ++calls, { signal: AbortSignal.abort('gone') })
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    expect([calls, breaker.state.status]).toEqual([0, 'open'])
  })

  it('is listened to by no probe that has ended', async () => {
    const { breaker, clock } = open({ failureThreshold: 1 })
    await failTimes(breaker, 1)
    await clock.advance(30_000)
    const { signal } = new AbortController()
    await breaker.execute(succeed, { signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('counts as a failure where a timeout of ours around the breaker fired it', async () => {
    const { breaker, clock } = open({ failureThreshold: 1 })
    const call = timeout({ timeoutMs: 100, clock, mode: 'cooperative' }).execute((signal) =>
      breaker.execute(
        (own) => new Promise((_resolve, reject) => own.addEventListener('abort', () => reject(own.reason))),
        { signal },
      ),
    )
    const settled = expect(call).rejects.toEqual(code('TIMEOUT'))
    await clock.advance(100)
    await settled
    expect(breaker.state.status).toBe('open')
  })

  it('counts as nothing where the caller lost interest, and as a failure where its time was up', async () => {
    const { breaker } = open({ failureThreshold: 2 })
    const reasons = [new Error('closed the tab'), new DOMException('late', 'TimeoutError')]
    const counts: number[] = []
    for (const reason of reasons) {
      const caller = new AbortController()
      const call = breaker.execute(
        (signal) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        { signal: caller.signal },
      )
      const settled = expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
      caller.abort(reason)
      await settled
      counts.push(breaker.failureCount)
    }
    expect(counts).toEqual([0, 1])
  })
})

describe('a circuit held by a person', () => {
  it('forced open stays open beyond the recovery time, until reset', async () => {
    const { breaker, clock } = open()
    breaker.forceOpen(order('incident 12'))
    await clock.advance(3_600_000)
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      code: 'CIRCUIT_ISOLATED',
      retryable: false,
      retryAfterMs: undefined,
      message: 'circuit openai is held open: incident 12',
    })
    breaker.reset()
    await expect(breaker.execute(succeed)).resolves.toBe('up')
  })

  it('forced closed or disabled lets every failure pass', async () => {
    const { breaker } = open()
    breaker.forceClose(order())
    await failTimes(breaker, 20)
    expect(breaker.state.status).toBe('forced-closed')
    breaker.disable(order())
    await failTimes(breaker, 20)
    expect(breaker.state.status).toBe('disabled')
  })

  it('isolated opens again with the last release, unless a person holds it open', async () => {
    const { breaker } = open()
    const [first, second] = [breaker.isolate(), breaker.isolate()]
    first.release()
    first.release()
    expect(breaker.state.status).toBe('forced-open')
    second.release()
    expect(breaker.state.status).toBe('closed')
    breaker.forceOpen(order())
    breaker.isolate().release()
    expect(breaker.state.status).toBe('forced-open')
  })
})

/** A coordinator that notes what it is asked. */
class NotingCoordinator implements CircuitCoordinator {
  readonly notes: string[] = []
  mayProbeNext = true
  joined(): void {}
  left(): void {}
  transitioned(_name: string, { cause, to }: CircuitChange): void {
    this.notes.push(`${cause} ${to.status}`)
  }
  mayProbe(_name: string, generation: number): boolean {
    this.notes.push(`may probe ${generation}`)
    return this.mayProbeNext
  }
  probeEnded(_name: string, generation: number): void {
    this.notes.push(`probe ended ${generation}`)
  }
}

describe('a coordinated circuit', () => {
  function openCoordinated(): { breaker: CircuitBreaker; clock: FakeClock; coordinator: NotingCoordinator } {
    const clock = new FakeClock()
    const coordinator = new NotingCoordinator()
    const resolved = resolveCircuitBreakerOptions({ clock, recoveryTimeoutMs: 10 })
    return {
      breaker: new CircuitBreaker('openai', resolvedWith({ ...resolved, coordinator })),
      clock,
      coordinator,
    }
  }

  it('tells of its own transitions and asks before each probe', async () => {
    const { breaker, clock, coordinator } = openCoordinated()
    await failTimes(breaker, 5)
    await clock.advance(10)
    await breaker.execute(succeed)
    expect(coordinator.notes).toEqual([
      'tripped open',
      'may probe 2',
      'recovery-over half-open',
      'probes-succeeded closed',
      'probe ended 2',
    ])
  })

  it('tells that a probe has ended whose stream nobody reads', async () => {
    const { breaker, clock, coordinator } = openCoordinated()
    await failTimes(breaker, 5)
    await clock.advance(10)
    await breaker.execute(async () => new ReadableStream())
    expect(coordinator.notes.at(-1)).toBe('recovery-over half-open')
    await clock.advance(60_000)
    expect(coordinator.notes.slice(-2)).toEqual(['probe-failed open', 'probe ended 2'])
  })

  it('rejects the call when another process has the probe', async () => {
    const { breaker, clock, coordinator } = openCoordinated()
    await failTimes(breaker, 5)
    await clock.advance(10)
    coordinator.mayProbeNext = false
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 10 })
    expect(breaker.state.status).toBe('open')
  })

  it('says after an isolation that its probe was interrupted, and of no isolation that stands', async () => {
    const { breaker, clock, coordinator } = openCoordinated()
    await failTimes(breaker, 5)
    await clock.advance(10)
    const { promise, resolve } = Promise.withResolvers<string>()
    const probe = breaker.execute(() => promise)
    breaker.isolate().release()
    coordinator.mayProbeNext = false
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
      message: 'circuit openai is open: probe-interrupted',
    })
    resolve('late')
    await probe
  })

  it('takes over newer decisions of others silently and leaves out older ones', () => {
    const { breaker, coordinator } = openCoordinated()
    const decision = { epoch: 5, status: 'open', remainingMs: 70, reason: 'elsewhere' } as const
    expect(applyRemote(breaker, decision)).toBe(true)
    expect(breaker.state).toMatchObject({ status: 'open', reopenAtMs: 70 })
    expect(applyRemote(breaker, { ...decision, epoch: 4, status: 'closed' })).toBe(false)
    expect(applyRemote(breaker, { ...decision, epoch: 5, status: 'closed' })).toBe(false)
    expect(breaker.state.status).toBe('open')
    expect(applyRemote(breaker, { ...decision, epoch: 6, status: 'closed' })).toBe(true)
    expect(breaker.state.status).toBe('closed')
    expect(coordinator.notes).toEqual([])
  })

  it('keeps an isolation whatever others decide, and keeps it to itself', () => {
    const { breaker, coordinator } = openCoordinated()
    const isolation = breaker.isolate()
    applyRemote(breaker, { epoch: 1, status: 'closed', remainingMs: 0, reason: 'reset' })
    expect(breaker.state.status).toBe('forced-open')
    isolation.release()
    expect(breaker.state.status).toBe('closed')
    expect(coordinator.notes).toEqual([])
  })

  it.each([
    ['open', 'open'],
    ['forced-open', 'forced-open'],
    ['forced-closed', 'forced-closed'],
    ['disabled', 'disabled'],
  ] as const)('released from an isolation it is where others put it meanwhile: %s', async (status, after) => {
    const { breaker, coordinator, clock } = openCoordinated()
    const isolation = breaker.isolate('maintenance')
    expect(breaker.state).toMatchObject({ status: 'forced-open', reason: 'maintenance' })
    applyRemote(breaker, { epoch: 1, status, remainingMs: 70, reason: 'elsewhere' })
    expect(breaker.state).toMatchObject({ status: 'forced-open', reason: 'maintenance' })
    await clock.advance(20)
    isolation.release()
    expect(breaker.state).toMatchObject({ status: after, reason: 'elsewhere' })
    if (breaker.state.status === 'open') expect(breaker.state.reopenAtMs).toBe(70)
    expect(coordinator.notes).toEqual([])
  })

  it('an isolation stands above what a person ordered and what failures did', async () => {
    const { breaker, clock } = openCoordinated()
    breaker.disable(order())
    breaker.isolate().release()
    expect(breaker.state).toMatchObject({ status: 'disabled', reason: order().reason })
    breaker.reset()
    await failTimes(breaker, 5)
    const before = breaker.state
    breaker.isolate().release()
    expect(breaker.state).toEqual({ ...before, generation: before.generation + 2 })
    await clock.advance(10)
    const { promise, resolve } = Promise.withResolvers<string>()
    const probe = breaker.execute(() => promise)
    expect(breaker.state.status).toBe('half-open')
    breaker.isolate().release()
    expect(breaker.state.status).toBe('open')
    await breaker.execute(succeed)
    expect(breaker.state.status).toBe('closed')
    resolve('late')
    await expect(probe).resolves.toBe('late')
  })
})

describe('what a breaker tells', () => {
  it('metrics that throw change nothing, and are told of', async () => {
    const [logger, metrics] = [new RecordingLogger(), new RecordingMetrics()]
    metrics.counter = () => ({
      increment: () => {
        throw new Error('no room')
      },
    })
    const { breaker } = open({ failureThreshold: 2, logger, metrics })
    await expect(breaker.execute(succeed)).resolves.toBe('up')
    await failTimes(breaker, 2)
    expect(breaker.state.status).toBe('open')
    const told = logger.lines.filter(({ level }) => level === 'error')
    const fields = { err: new Error('no room'), name: breaker.name }
    const line = { level: 'error', message: 'a circuit could not be measured', fields }
    expect(told).toEqual(Array.from(told, () => line))
    expect(told.length).toBeGreaterThan(1)
  })

  it('a listener that throws changes nothing', async () => {
    const logger = new RecordingLogger()
    const { breaker } = open({ failureThreshold: 2, logger })
    for (const type of ['circuit.callEnded', 'circuit.changed', 'circuit.rejected'] as const) {
      breaker.on(type, () => {
        throw new Error('listener')
      })
    }
    await expect(breaker.execute(succeed)).resolves.toBe('up')
    expect(breaker.failureCount).toBe(0)
    await failTimes(breaker, 2)
    await expect(breaker.execute(succeed)).rejects.toEqual(code('CIRCUIT_OPEN'))
    expect(breaker.state.status).toBe('open')
    expect(logger.messages('error')).toEqual(Array.from({ length: 5 }, () => 'an event listener threw'))
    expect(logger.lines.filter(({ level }) => level === 'info')).toEqual([
      {
        ...{ level: 'info', message: 'circuit changed its state' },
        fields: {
          ...{ name: breaker.name, from: 'closed', to: 'open', cause: expect.any(String) },
          ...{ failureCount: 2, actor: undefined },
        },
      },
    ])
  })

  it('tells of calls, rejections and changes, until it is told to stop', async () => {
    const { breaker, clock } = open({ failureThreshold: 1 })
    const told: unknown[] = []
    const stops = [
      breaker.on('circuit.callEnded', (data) => told.push(data)),
      breaker.on('circuit.changed', ({ change }) => told.push(change.cause)),
      breaker.on('circuit.rejected', ({ retryAfterMs }) => told.push(retryAfterMs)),
    ]
    const call = breaker.execute(async () => {
      await clock.advance(30)
      throw new Error('down')
    })
    await call.catch(() => {})
    await breaker.execute(succeed).catch(() => {})
    for (const stop of stops) stop()
    breaker.reset()
    expect(told).toEqual([{ name: 'openai', outcome: 'failure', durationMs: 30 }, 'tripped', 30_000])
  })

  it('measures states, calls by outcome, transitions and durations', async () => {
    const metrics = new RecordingMetrics()
    const { breaker, clock } = open({ metrics, recoveryTimeoutMs: 10 })
    const name = 'openai'
    expect(metrics.gaugeValue('circuit_breaker_state', { name })).toBe(0)
    await breaker.execute(succeed)
    await failTimes(breaker, 6)
    expect(metrics.gaugeValue('circuit_breaker_state', { name })).toBe(2)
    await clock.advance(10)
    await breaker.execute(succeed)
    expect(metrics.values('circuit_breaker_state', { name })).toEqual([0, 2, 1, 0])
    const calls = ['success', 'failure', 'rejected'].map((outcome) =>
      metrics.counterValue('circuit_breaker_calls_total', { name, outcome }),
    )
    expect(calls).toEqual([2, 5, 1])
    expect(metrics.counterValue('circuit_breaker_transitions_total', { name, to: 'open' })).toBe(1)
    expect(metrics.values('circuit_breaker_call_seconds', { name })).toHaveLength(7)
  })

  it('measures calls in seconds, and those that tell nothing apart from the others', async () => {
    const metrics = new RecordingMetrics()
    const { breaker, clock } = open({ metrics, failureThreshold: 1, outcomeOfError: () => 'ignored' })
    const name = 'openai'
    const call = breaker.execute(async () => {
      await clock.advance(1500)
      throw new Error('not its fault')
    })
    await call.catch(() => {})
    expect(metrics.values('circuit_breaker_call_seconds', { name })).toEqual([1.5])
    expect(metrics.counterValue('circuit_breaker_calls_total', { name, outcome: 'ignored' })).toBe(1)
    expect(metrics.counterValue('circuit_breaker_calls_total', { name, outcome: 'failure' })).toBe(0)
  })

  it('metrics that throw change nothing', async () => {
    const metrics = new RecordingMetrics()
    const broken = {
      ...metrics,
      gauge: () => ({
        set: () => {
          throw new Error('metrics')
        },
      }),
      counter: () => ({
        increment: () => {
          throw new Error('metrics')
        },
      }),
      histogram: () => ({ observe: () => {} }),
    }
    const { breaker } = open({ metrics: broken, failureThreshold: 1 })
    await expect(breaker.execute(succeed)).resolves.toBe('up')
    await failTimes(breaker, 1)
    expect(breaker.state.status).toBe('open')
  })

  it('gives a span to each call where a tracer is passed', async () => {
    const names: string[] = []
    const tracer: Tracer = {
      ...silentTracer,
      trace: (name, options, work) => {
        names.push(
          `${name} ${options.attributes?.['circuit.name']} ${options.attributes?.['circuit.status']}`,
        )
        return work(silentTracer.startSpan(name))
      },
    }
    const { breaker } = open({ tracer })
    await breaker.execute(succeed)
    expect(names).toEqual(['circuit breaker openai closed'])
  })
})

const TRIP_RULES = 'a list of up to 16 rules such as failureRate()'

it.each<[option: string, options: CircuitBreakerOptions, rule?: string]>([
  ['failureThreshold', { failureThreshold: 0 }],
  ['recoveryTimeoutMs', { recoveryTimeoutMs: 2 ** 31 }],
  ['maxProbes', { maxProbes: 1.5 }],
  ['successThreshold', { successThreshold: -1 }],
  ['rampsProbes', { rampsProbes: 1 as never }],
  ['probeTimeoutMs', { probeTimeoutMs: Number.NaN }],
  ['outcomeOfError', { outcomeOfError: 'failure' as never }],
  ['isFailure', { isFailure: true as never }],
  ['tripRules', { tripRules: [{}] as never }, TRIP_RULES],
  ['tripRules', { tripRules: 'failure-rate' as never }, TRIP_RULES],
  ['watchesStreams', { watchesStreams: 'no' as never }],
  ['hasRejectionStacks', { hasRejectionStacks: 0 as never }],
])('refuses a bad %s at once', (option, options, rule) => {
  expect(() => new CircuitBreaker('openai', options)).toThrow(invalidOption(option, rule))
})

it('refuses a name that is none', () => {
  expect(() => new CircuitBreaker('')).toThrow(invalidOption('name'))
})

describe('what a circuit forgets', () => {
  const halfOfFour = failureRate({ rate: 0.5, window: { calls: 4 }, minimumCalls: 4 })

  it('when it closes again: the calls that its rules have counted', async () => {
    const { breaker, clock } = open({ tripRules: [halfOfFour] })
    await failTimes(breaker, 4)
    await clock.advance(30_000)
    await breaker.execute(succeed)
    expect(breaker.state.status).toBe('closed')
    await failTimes(breaker, 3)
    expect(breaker.state.status).toBe('closed')
    await failTimes(breaker, 1)
    expect(breaker.state.status).toBe('open')
  })

  it('when another process closed it: the calls that its rules have counted', async () => {
    const { breaker } = open({ tripRules: [halfOfFour] })
    await failTimes(breaker, 4)
    applyRemote(breaker, { epoch: 1, status: 'closed', remainingMs: 0, reason: 'reset' })
    await failTimes(breaker, 3)
    expect(breaker.state.status).toBe('closed')
  })

  it('when it is reset while closed: the failures so far', async () => {
    const { breaker } = open({ tripRules: [halfOfFour], failureThreshold: 5 })
    await failTimes(breaker, 3)
    breaker.reset()
    expect(breaker.failureCount).toBe(0)
    await failTimes(breaker, 3)
    expect([breaker.state.status, breaker.failureCount]).toEqual(['closed', 3])
  })
})

describe('a probe', () => {
  it('is not made where a listener holds the circuit while it is told of the probe', async () => {
    const { breaker, clock } = open({ failureThreshold: 1 })
    await failTimes(breaker, 1)
    await clock.advance(30_000)
    breaker.on('circuit.changed', ({ change }) => {
      if (change.to.status === 'half-open') breaker.forceOpen(order('not now'))
    })
    let calls = 0
    await expect(breaker.execute(() => ++calls)).rejects.toEqual(code('CIRCUIT_ISOLATED'))
    expect([calls, breaker.state.status]).toEqual([0, 'forced-open'])
  })

  it('of an earlier generation leaves the count of failures alone', async () => {
    const { breaker, clock } = open({ failureThreshold: 2 })
    await failTimes(breaker, 2)
    await clock.advance(30_000)
    const probe = pendingCall()
    const ended = breaker.execute(probe.call).catch(() => {})
    breaker.reset()
    await failTimes(breaker, 1)
    probe.fail()
    await ended
    expect([breaker.failureCount, breaker.state.status]).toEqual([1, 'closed'])
  })

  it('that hangs is a failure whatever the error filter says, and says when to come back', async () => {
    const { breaker, clock } = open({
      ...{ failureThreshold: 1, recoveryTimeoutMs: 7000, probeTimeoutMs: 100 },
      outcomeOfError: (error) => (error instanceof Error && error.message === 'down' ? 'failure' : 'ignored'),
    })
    await failTimes(breaker, 1)
    await clock.advance(7000)
    const probe = expect(breaker.execute(() => new Promise(() => {}))).rejects.toMatchObject({
      code: 'PROBE_TIMEOUT',
      retryAfterMs: 7000,
    })
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterMs: 1000 })
    await clock.advance(100)
    await probe
    expect(breaker.state.status).toBe('open')
  })
})
