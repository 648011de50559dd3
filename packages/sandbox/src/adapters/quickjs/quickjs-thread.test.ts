import type { ScheduledTimer } from '@golden-arch/core/time'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { locateEntry } from '../../entry-location.ts'
import { defaultLimits } from '../../execution-limits.ts'
import { toldOutput } from '../../testing/told-output.ts'
import { loadInterpreter } from './load-interpreter.ts'
import { QUICKJS_LIMITS } from './quickjs-limits.ts'
import { QuickJsThread, type ThreadOutcome, type ThreadRun } from './quickjs-thread.ts'

/** A fake clock that tells which timers were set. */
class WatchedClock extends FakeClock {
  readonly delaysMs: number[] = []

  override schedule(delayMs: number, callback: () => void): ScheduledTimer {
    this.delaysMs.push(delayMs)
    return super.schedule(delayMs, callback)
  }
}

const LIMITS = { ...defaultLimits(QUICKJS_LIMITS), timeoutMs: 60_000 }
const START_TIMEOUT_MS = 7000
const never = new AbortController().signal
const program = (code: string): ThreadRun => ({
  inputs: { files: [], stdin: new Uint8Array(), argv: [], env: {} },
  isKept: false,
  isTypeScript: false,
  code,
  limits: LIMITS,
  fileBounds: { filesLimitBytes: 0, maxFiles: 0 },
})
const run = (thread: QuickJsThread, code: string): Promise<ThreadOutcome> =>
  thread.run(program(code), { signal: never })
/** A worker whose whole code this is. */
const workerOf = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`)
/** A worker that answers `in time`, but not before it is let, and says in shared memory that it has. */
const HELD_WORKER = workerOf(`import { workerData } from 'node:worker_threads'
  const { port } = workerData
  port.on('message', ({ inputs }) => {
    port.postMessage({ kind: 'started' })
    const words = new Int32Array(inputs.stdin.buffer)
    Atomics.wait(words, 0, 0)
    const end = { status: 'completed', valueJson: '"in time"', isGuestIntact: true, isWorkerSpent: false }
    port.postMessage({ kind: 'finished', outcome: end })
    Atomics.store(words, 1, 1)
    Atomics.notify(words, 1)
  })
  port.postMessage({ kind: 'ready' })`)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function start(
  clock: FakeClock,
  workerUrl = locateEntry('adapters/quickjs/quickjs-worker', import.meta.url),
): Promise<QuickJsThread> {
  const wasmModule = await loadInterpreter()
  return QuickJsThread.start({ workerUrl, wasmModule, startTimeoutMs: START_TIMEOUT_MS, clock })
}

async function untilStarted(clock: WatchedClock): Promise<void> {
  while (!clock.delaysMs.some((delayMs) => delayMs > LIMITS.timeoutMs)) await turn()
}

describe('QuickJsThread', () => {
  it('believes a result that came in before its timer, though the timer fires first', async () => {
    const clock = new WatchedClock()
    const thread = await start(clock, HELD_WORKER)
    const words = new Int32Array(new SharedArrayBuffer(8))
    const inputs = { files: [], argv: [], env: {}, stdin: new Uint8Array(words.buffer) }
    const running = thread.run({ ...program(''), inputs }, { signal: never })
    await untilStarted(clock)
    // The host is blocked until the answer is there, then finds its own timer due before any message.
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    Atomics.wait(words, 1, 0)
    const advanced = clock.advance(LIMITS.timeoutMs + 1000)
    expect((await running).outcome).toMatchObject({ status: 'completed', value: 'in time' })
    await advanced
    expect(thread.isUsable).toBe(true)
    await thread.terminate()
  })

  it('kills a worker whose guest outlives its wall time, and keeps the output', async () => {
    const clock = new WatchedClock()
    const thread = await start(clock)
    const begun = Promise.withResolvers<void>()
    const told = toldOutput(begun.resolve)
    const code = program('console.log("begun"); for (;;);')
    const running = thread.run(code, { signal: never, onOutput: told.listener })
    await begun.promise
    await clock.advance(LIMITS.timeoutMs + 1000)
    expect((await running).outcome).toMatchObject({ status: 'timed-out', stdout: 'begun\n' })
    expect(thread.isUsable).toBe(false)
    expect(clock.pendingCount).toBe(0)
  })

  it('gives up on a worker that is not ready in time', async () => {
    const clock = new WatchedClock()
    const starting = expect(start(clock)).rejects.toMatchObject({ code: 'SANDBOX_INFRA', retryable: true })
    while (clock.delaysMs.length === 0) await turn()
    await clock.advance(START_TIMEOUT_MS)
    await starting
  })

  it('says why a worker died while it started, whatever it threw', async () => {
    for (const thrown of ['new Error("plain")', '"plain"']) {
      await expect(start(new WatchedClock(), workerOf(`throw ${thrown}`))).rejects.toMatchObject({
        code: 'SANDBOX_INFRA',
        cause: expect.objectContaining({ message: 'plain' }),
      })
    }
  })

  it('fails at once when it is asked to run after its end', async () => {
    const thread = await start(new WatchedClock())
    await thread.terminate()
    await expect(run(thread, '1')).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
  })
})
