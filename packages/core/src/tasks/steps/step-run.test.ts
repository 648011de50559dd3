import { expect, it, vi } from 'vitest'
import { GoldenError, InvalidOptionError } from '../../errors/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import type { ClaimedStep, HeartbeatAnswer } from './step.ts'
import { StepRun } from './step-run.ts'

const claim: ClaimedStep = {
  tenantId: 't',
  taskId: 'k',
  stepId: 's:1',
  service: 'agent',
  kind: 's',
  request: {},
  fence: 1,
  owner: 'a',
  runs: 1,
  maxRuns: 5,
  timeoutMs: 60_000,
  deadlineAt: new Date(0),
}
const leaseLost = (state: string): GoldenError =>
  new GoldenError({ code: 'STEP_LEASE_LOST', message: 'x', details: { state } })

/** A run whose writer answers as told, and whose work ends when told. */
function stage(options: { readonly signal?: AbortSignal } = {}) {
  const clock = new FakeClock()
  const work = Promise.withResolvers<{ readonly n: number }>()
  const writer = {
    heartbeat: vi.fn(async (): Promise<HeartbeatAnswer> => 'held'),
    finish: vi.fn(async () => {}),
    fail: vi.fn(async (): Promise<'requested' | 'failed'> => 'requested'),
    release: vi.fn(async () => {}),
  }
  const terms = { leaseMs: 9000, heartbeatMs: 3000, stopGraceMs: 5000, clock, ...options }
  const run = new StepRun<{ readonly n: number }>(writer, claim, terms)
  let signal: AbortSignal = new AbortController().signal
  const begin = (isObedient = true) =>
    run.run((given) => {
      signal = given
      if (isObedient) given.addEventListener('abort', () => work.reject(given.reason))
      return work.promise
    })
  return { clock, work, writer, begin, isAborted: () => signal.aborted }
}

it('renews its lease as long as the work lasts, and no longer', async () => {
  const { clock, work, writer, begin } = stage()
  const outcome = begin()
  await clock.advance(30_000)
  expect(writer.heartbeat).toHaveBeenCalledTimes(10)
  work.resolve({ n: 1 })
  expect(await outcome).toEqual({ kind: 'done', result: { n: 1 } })
  expect(writer.finish).toHaveBeenCalledExactlyOnceWith(claim, { n: 1 })
  expect(clock.pendingCount).toBe(0)
})

it.each(['cancelled', 'lost'] as const)(
  'aborts work whose step is %s, and writes nothing',
  async (answer) => {
    const { clock, writer, begin, isAborted } = stage()
    const outcome = begin()
    await clock.advance(3000)
    expect(isAborted()).toBe(false)
    writer.heartbeat.mockResolvedValue(answer)
    await clock.advance(3000)
    expect(isAborted()).toBe(true)
    expect(await outcome).toEqual({ kind: answer })
    expect([writer.finish, writer.fail, writer.release].flatMap((one) => one.mock.calls)).toEqual([])
    expect(clock.pendingCount).toBe(0)
  },
)

it('aborts work when its lease is over because the database does not answer', async () => {
  const { clock, writer, begin, isAborted } = stage()
  const outcome = begin()
  await clock.advance(3000)
  writer.heartbeat.mockRejectedValue(new Error('down'))
  await clock.advance(8999)
  expect(isAborted()).toBe(false)
  await clock.advance(1)
  expect(isAborted()).toBe(true)
  expect(await outcome).toEqual({ kind: 'lost' })
})

it('aborts work when its lease is over because a heartbeat never comes back', async () => {
  const { clock, writer, begin, isAborted } = stage()
  writer.heartbeat.mockReturnValue(new Promise(() => {}))
  const outcome = begin()
  await clock.advance(9000)
  expect(isAborted()).toBe(true)
  expect(await outcome).toEqual({ kind: 'lost' })
})

it('goes on when the database answers again in time', async () => {
  const { clock, work, writer, begin, isAborted } = stage()
  const outcome = begin()
  writer.heartbeat.mockRejectedValueOnce(new Error('down'))
  await clock.advance(20_000)
  expect(isAborted()).toBe(false)
  work.resolve({ n: 1 })
  expect(await outcome).toMatchObject({ kind: 'done' })
})

it('aborts work at its deadline, and fails the run so that another may begin', async () => {
  const { clock, writer, begin, isAborted } = stage()
  const outcome = begin()
  await clock.advance(59_999)
  expect(isAborted()).toBe(false)
  await clock.advance(1)
  expect(isAborted()).toBe(true)
  expect(await outcome).toMatchObject({ kind: 'retrying', error: { code: 'DEADLINE_EXCEEDED' } })
  const [, error, options] = writer.fail.mock.calls[0] as unknown[]
  expect([error, options]).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }, { retryable: true }])
})

it('gives the step back when the caller stops', async () => {
  const caller = new AbortController()
  const { writer, begin, isAborted } = stage({ signal: caller.signal })
  const outcome = begin()
  caller.abort()
  expect(isAborted()).toBe(true)
  expect(await outcome).toEqual({ kind: 'released' })
  expect(writer.release).toHaveBeenCalledExactlyOnceWith(claim)
})

it('gives the step back, and begins no work, where the caller had stopped before', async () => {
  const { clock, writer } = stage()
  const terms = { leaseMs: 9000, heartbeatMs: 3000, stopGraceMs: 5000, clock, signal: AbortSignal.abort() }
  const work = vi.fn(async () => ({}))
  expect(await new StepRun(writer, claim, terms).run(work)).toEqual({ kind: 'released' })
  expect(writer.release).toHaveBeenCalledOnce()
  expect(work).not.toHaveBeenCalled()
  expect(clock.pendingCount).toBe(0)
})

it('keeps the lease of work that goes on after it was told to stop, and lets go after the grace', async () => {
  const caller = new AbortController()
  const { clock, writer, begin } = stage({ signal: caller.signal })
  const outcome = begin(false)
  caller.abort()
  await clock.advance(4999)
  expect(writer.heartbeat).toHaveBeenCalled()
  await clock.advance(1)
  expect(await outcome).toEqual({ kind: 'lost' })
  expect(writer.release).not.toHaveBeenCalled()
  expect(clock.pendingCount).toBe(0)
})

it('keeps the result of work that ended although it was told to stop', async () => {
  const caller = new AbortController()
  const { work, writer, begin } = stage({ signal: caller.signal })
  const outcome = begin(false)
  caller.abort()
  work.resolve({ n: 2 })
  expect(await outcome).toEqual({ kind: 'done', result: { n: 2 } })
  expect(writer.finish).toHaveBeenCalledOnce()
})

it.each([
  ['cancelled', 'cancelled'],
  ['running', 'lost'],
])('says of a result that no longer counts, as the step is %s, that it is %s', async (state, kind) => {
  const { work, writer, begin } = stage()
  writer.finish.mockRejectedValue(leaseLost(state))
  work.resolve({ n: 1 })
  expect(await begin()).toEqual({ kind })
})

it('says that a failure no longer counts', async () => {
  const { work, writer, begin } = stage()
  writer.fail.mockRejectedValue(leaseLost('running'))
  work.reject(new Error('no'))
  expect(await begin()).toEqual({ kind: 'lost' })
})

it('fails a step whose result is too large to keep', async () => {
  const { work, writer, begin } = stage()
  const tooLarge = new InvalidOptionError('result', 'at most 1 byte', 'xx')
  writer.finish.mockRejectedValue(tooLarge)
  writer.fail.mockResolvedValue('failed')
  work.resolve({ n: 1 })
  expect(await begin()).toEqual({ kind: 'failed', error: tooLarge })
  expect(writer.fail).toHaveBeenCalledExactlyOnceWith(claim, tooLarge, { retryable: false })
})

it('throws where the end could not be written', async () => {
  const { clock, work, writer, begin } = stage()
  writer.finish.mockRejectedValue(new Error('down'))
  work.resolve({ n: 1 })
  await expect(begin()).rejects.toThrow('down')
  expect(clock.pendingCount).toBe(0)
})

it('fails a run whose work throws before it waits for anything', async () => {
  const { clock, writer } = stage()
  const terms = { leaseMs: 9000, heartbeatMs: 3000, stopGraceMs: 5000, clock }
  const outcome = await new StepRun(writer, claim, terms).run(() => {
    throw new Error('at once')
  })
  expect(outcome).toMatchObject({ kind: 'retrying', error: { message: 'at once' } })
})
