import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../execution-limits.ts'
import { FakeGuestProcess } from '../testing/fake-guest-process.ts'
import { toldOutput } from '../testing/told-output.ts'
import { EndFrame } from './end-frame.ts'
import type { GuestEnd, ProcessorMeter } from './guest-process.ts'
import { PROGRAM_LIMITS } from './program-limits.ts'
import { type Supervision, superviseRun } from './supervise-run.ts'

const MARK = 'end-mark'
const LIMITS = { ...defaultLimits(PROGRAM_LIMITS), timeoutMs: 1000, stdoutLimitBytes: 8, stderrLimitBytes: 8 }
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A guest that remembers what was asked of it, in order. */
class AskedGuest extends FakeGuestProcess {
  readonly calls: string[] = []
  meter?: ProcessorMeter

  override close(): void {
    this.calls.push('close')
    super.close()
  }

  override async kill(): Promise<void> {
    this.calls.push('kill')
  }

  override async ended(wasKilled = false): Promise<GuestEnd> {
    this.calls.push(wasKilled ? 'ended, killed' : 'ended')
    return this.end
  }
}

function setUp(more: Partial<Supervision> = {}) {
  const guest = new AskedGuest()
  const clock = new FakeClock()
  const stopping = new AbortController()
  const supervise = () =>
    superviseRun({
      guest,
      limits: LIMITS,
      mark: MARK,
      frame: new EndFrame({ filesLimitBytes: 1000, maxFiles: 2 }),
      hand: (listener) => guest.begin(Buffer.from('code'), listener),
      clock,
      signal: stopping.signal,
      ...more,
    })
  const finish = (status: string): void => {
    guest.say(1, `${MARK} ${status}\n`)
    guest.say(1, Buffer.alloc(512))
    guest.say(2, MARK)
  }
  return { guest, clock, stopping, supervise, finish }
}

describe('a supervised run', () => {
  it('is done when the guest says so on both streams, and the guest is left as it is', async () => {
    const told = toldOutput()
    const { guest, clock, supervise, finish } = setUp({ onOutput: told.listener })
    const run = supervise()
    guest.say(1, 'out')
    guest.say(2, 'err')
    finish('3')
    expect(await run).toMatchObject({ cause: 'done', stdout: 'out', stderr: 'err' })
    expect((await run).frame.status).toBe(3)
    expect(await run).not.toHaveProperty('end')
    expect(told.streams).toEqual({ stdout: 'out', stderr: 'err' })
    expect(guest.calls).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })

  it('is not done before both streams are marked', async () => {
    const { guest, clock, supervise } = setUp()
    const run = supervise()
    guest.say(1, `${MARK} 0\n`)
    guest.say(1, Buffer.alloc(512))
    await clock.advance(1000)
    expect((await run).cause).toBe('timed-out')
  })

  it('asks how a guest ended that a signal has ended, with care where it was a kill', async () => {
    for (const [status, call] of [
      ['-9', 'ended, killed'],
      ['-11', 'ended'],
    ] as const) {
      const { guest, supervise, finish } = setUp()
      const run = supervise()
      finish(status)
      expect(await run).toMatchObject({ cause: 'done', end: { exitCode: 137 } })
      expect(guest.calls).toEqual([call])
    }
  })

  it('ends with a guest that leaves without a word, and asks how', async () => {
    const { guest, supervise } = setUp()
    const run = supervise()
    guest.leave()
    expect(await run).toMatchObject({ cause: 'ended', end: { exitCode: 137 } })
    expect(guest.calls).toEqual(['close', 'ended'])
  })

  it.each([
    [1, 'stdout'],
    [2, 'stderr'],
  ] as const)('kills a guest that writes too much on stream %i', async (from, stream) => {
    const { guest, supervise } = setUp()
    const run = supervise()
    guest.say(from, '12345678')
    guest.say(from, '9')
    expect(await run).toMatchObject({ cause: 'output-limit', truncated: { [stream]: true } })
    expect(guest.calls).toEqual(['close', 'kill'])
  })

  it('kills a guest at its time, and not before', async () => {
    const { guest, clock, supervise } = setUp()
    const run = supervise()
    await clock.advance(999)
    expect(guest.calls).toEqual([])
    await clock.advance(1)
    expect((await run).cause).toBe('timed-out')
    expect(guest.calls).toEqual(['close', 'kill'])
  })

  it('kills a guest when it is cancelled, and hands nothing over where it was cancelled before', async () => {
    const running = setUp()
    const run = running.supervise()
    running.stopping.abort()
    expect((await run).cause).toBe('cancelled')
    expect(running.guest.calls).toEqual(['close', 'kill'])
    const early = setUp()
    early.stopping.abort()
    expect((await early.supervise()).cause).toBe('cancelled')
    expect(early.guest.inputs).toEqual([])
    expect(early.guest.calls).toEqual(['close', 'kill'])
  })

  it('kills a guest that has taken its time of the processor', async () => {
    const { guest, clock, supervise } = setUp({ limits: { ...LIMITS, cpuTimeMs: 300 } })
    guest.meter = { processors: 1, usedMs: async () => clock.monotonicMs() }
    const run = supervise()
    await settled()
    expect(guest.inputs).toEqual(['code'])
    await clock.advance(300)
    expect((await run).cause).toBe('cpu-time')
    expect(guest.calls).toEqual(['close', 'kill'])
    expect(clock.pendingCount).toBe(0)
  })

  it('watches several processors, which together may spend more than the time, until the guest is done', async () => {
    const { guest, clock, supervise, finish } = setUp({ limits: { ...LIMITS, cpuTimeMs: 1500 } })
    guest.meter = { processors: 2, usedMs: async () => 2 * clock.monotonicMs() }
    const spent = supervise()
    await settled()
    await clock.advance(750)
    expect((await spent).cause).toBe('cpu-time')
    const done = supervise()
    await settled()
    finish('0')
    expect((await done).cause).toBe('done')
    expect(clock.pendingCount).toBe(0)
  })

  it('reads no meter where the time allows no more than the processor, on all of them', async () => {
    const { guest, clock, supervise } = setUp({ limits: { ...LIMITS, cpuTimeMs: 2000 } })
    guest.meter = { processors: 2, usedMs: () => expect.unreachable() }
    const run = supervise()
    await clock.advance(1000)
    expect((await run).cause).toBe('timed-out')
  })

  it('fails where the meter cannot be read, at once or later, and hears of it no more when it is over', async () => {
    for (const readable of [0, 1]) {
      let readings = 0
      const { guest, clock, supervise } = setUp({ limits: { ...LIMITS, cpuTimeMs: 300 } })
      const usedMs = async (): Promise<number> => {
        if (readings++ >= readable) throw new Error('no meter')
        return 0
      }
      guest.meter = { processors: 1, usedMs }
      const failing = expect(supervise()).rejects.toThrow('no meter')
      await settled()
      await clock.advance(300)
      await failing
      expect(clock.pendingCount).toBe(0)
    }
  })
})
