import type { ScheduledTimer } from '@golden-arch/core/time'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { locateEntry } from '../../entry-location.ts'
import { defaultLimits } from '../../execution-limits.ts'
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
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function start(clock: FakeClock): Promise<QuickJsThread> {
  const wasmModule = await loadInterpreter()
  const workerUrl = locateEntry('adapters/quickjs/quickjs-worker', import.meta.url)
  return QuickJsThread.start({ workerUrl, wasmModule, startTimeoutMs: START_TIMEOUT_MS, clock })
}

async function untilStarted(clock: WatchedClock): Promise<void> {
  while (!clock.delaysMs.some((delayMs) => delayMs > LIMITS.timeoutMs)) await turn()
}

describe('QuickJsThread', () => {
  it('believes a result that came in before its timer, though the timer fires first', async () => {
    const clock = new WatchedClock()
    const thread = await start(clock)
    const running = run(thread, 'const end = Date.now() + 20; while (Date.now() < end); "in time"')
    await untilStarted(clock)
    // The host is blocked for much longer than the guest needs, then finds its own timer due before any message.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
    const advanced = clock.advance(LIMITS.timeoutMs + 1000)
    expect((await running).outcome).toMatchObject({ status: 'completed', value: 'in time' })
    await advanced
    expect(thread.isUsable).toBe(true)
    await thread.terminate()
  })

  it('kills a worker whose guest outlives its wall time, and keeps the output', async () => {
    const clock = new WatchedClock()
    const thread = await start(clock)
    const running = run(thread, 'console.log("begun"); for (;;);')
    await untilStarted(clock)
    await clock.advance(LIMITS.timeoutMs + 1000)
    expect((await running).outcome.status).toBe('timed-out')
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

  it('fails at once when it is asked to run after its end', async () => {
    const thread = await start(new WatchedClock())
    await thread.terminate()
    await expect(run(thread, '1')).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
  })
})
