import { expect, it } from 'vitest'
import { withDeadline } from './index.ts'
import { FakeClock } from './testing/index.ts'

const never = (): Promise<never> => new Promise(() => {})

it('gives what the call gives, and calls its timer off', async () => {
  const clock = new FakeClock()
  await expect(withDeadline({ timeoutMs: 10, clock }, async () => 'done')).resolves.toBe('done')
  expect(clock.pendingCount).toBe(0)
})

it('stops waiting at the deadline for a call that ignores its signal', async () => {
  const clock = new FakeClock()
  const outcome = expect(withDeadline({ timeoutMs: 10, clock }, never)).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    retryable: true,
    details: { timeoutMs: 10 },
  })
  await clock.advance(10)
  await outcome
})

it('fires the signal of the call at the deadline', async () => {
  const clock = new FakeClock()
  let reason: unknown
  const outcome = withDeadline({ timeoutMs: 10, clock }, (signal) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason
    })
    return never()
  }).catch((error: unknown) => error)
  await clock.advance(10)
  expect(reason).toBe(await outcome)
})

it('ends with the signal of the caller, who is told apart from the deadline', async () => {
  const clock = new FakeClock()
  const controller = new AbortController()
  const outcome = expect(
    withDeadline({ timeoutMs: 10, clock, signal: controller.signal }, never),
  ).rejects.toMatchObject({ code: 'ABORTED', cause: 'stop' })
  controller.abort('stop')
  await outcome
  expect(clock.pendingCount).toBe(0)
})

it('an aborted caller never starts the call', async () => {
  let isCalled = false
  const call = async (): Promise<void> => {
    isCalled = true
  }
  await expect(withDeadline({ timeoutMs: 10, signal: AbortSignal.abort() }, call)).rejects.toMatchObject({
    code: 'ABORTED',
  })
  expect(isCalled).toBe(false)
})

it('passes on what the call throws, at once or later, and calls its timer off', async () => {
  const clock = new FakeClock()
  const failure = new Error('broken')
  const throwing = (): Promise<never> => {
    throw failure
  }
  await expect(withDeadline({ timeoutMs: 10, clock }, throwing)).rejects.toBe(failure)
  await expect(withDeadline({ timeoutMs: 10, clock }, () => Promise.reject(failure))).rejects.toBe(failure)
  expect(clock.pendingCount).toBe(0)
})

it('a call that fails after its deadline troubles nobody', async () => {
  const clock = new FakeClock()
  let fail: (error: Error) => void = () => {}
  const call = (): Promise<never> =>
    new Promise((_resolve, reject) => {
      fail = reject
    })
  const outcome = expect(withDeadline({ timeoutMs: 10, clock }, call)).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  })
  await clock.advance(10)
  await outcome
  fail(new Error('late'))
  await clock.advance(1)
})
