import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type LimitRanges } from '../../execution-limits.ts'
import type { SessionOpening } from '../../ports/sandbox-backend.ts'
import { FakeGuestProcess } from '../../testing/fake-guest-process.ts'
import type { ProgramRun } from '../supervise-run.ts'
import { GuestSession } from './guest-session.ts'

const RANGE = { min: 0, max: 1000, default: 100 }
const RANGES: LimitRanges = {
  timeoutMs: RANGE,
  cpuTimeMs: RANGE,
  memoryLimitBytes: RANGE,
  stackLimitBytes: RANGE,
  stdoutLimitBytes: RANGE,
  stderrLimitBytes: RANGE,
  valueLimitBytes: RANGE,
}
const limits = defaultLimits(RANGES)
const BOUNDS = { filesLimitBytes: 1000, maxFiles: 2 }
const OPENING: SessionOpening = { language: 'python', limits, lifetimeMs: 1000 }

class Played {
  readonly guest = new FakeGuestProcess()
  readonly clock = new FakeClock()
  readonly session = new GuestSession(this.guest, OPENING, { fileBounds: BOUNDS, clock: this.clock })

  /** Begins a step and gives its words: the one that marks ends, and its own. */
  async begin(): Promise<{ ended: Promise<ProgramRun>; mark: string; nonce: string }> {
    const ended = this.session.run({ code: 'x = 1', limits }, new AbortController().signal)
    await Promise.resolve()
    const mark = /^end-[0-9a-f]{32}/.exec(this.guest.inputs[0] ?? '')?.[0] ?? ''
    const nonce = /^end-[0-9a-f]{32}/.exec(this.guest.inputs.at(-1) ?? '')?.[0] ?? ''
    return { ended, mark, nonce }
  }

  /** Lets the guest say all of a step. */
  play(mark: string, nonce: string, written: string, tag = `:${nonce}`): void {
    this.guest.say(1, `${nonce}${written}${mark}${tag} 0\n`)
    this.guest.say(1, Buffer.alloc(512))
    this.guest.say(2, `${nonce}${mark}`)
  }
}

describe('a session in a guest', () => {
  it('drops what is written between two steps', async () => {
    const played = new Played()
    const first = await played.begin()
    played.play(first.mark, first.nonce, 'one')
    expect(await first.ended).toMatchObject({ cause: 'done', stdout: 'one' })
    played.guest.say(1, 'in between')
    const second = await played.begin()
    expect(second.nonce).not.toBe(first.nonce)
    played.guest.say(1, 'late')
    played.guest.say(2, 'late')
    played.play(second.mark, second.nonce, 'two')
    expect(await second.ended).toMatchObject({ cause: 'done', stdout: 'two', stderr: '' })
    expect(played.session.isUsable).toBe(true)
  })

  it('ends with a step that says its end in the words of another one', async () => {
    const played = new Played()
    const first = await played.begin()
    played.play(first.mark, first.nonce, '')
    await first.ended
    const second = await played.begin()
    played.play(second.mark, second.nonce, '', `:${first.nonce}`)
    expect((await second.ended).frame.refusal).toBe('malformed')
    expect(played.session.isUsable).toBe(false)
    await expect(played.begin().then(({ ended }) => ended)).rejects.toMatchObject({
      code: 'SANDBOX_SESSION_ENDED',
    })
  })

  it('ends when the interpreter says that it has ended, or its process has', async () => {
    const told = new Played()
    const step = await told.begin()
    told.play(step.mark, step.nonce, 'bye', '')
    expect(await step.ended).toMatchObject({ cause: 'done', stdout: 'bye' })
    expect(told.session.isUsable).toBe(false)

    const gone = new Played()
    const last = await gone.begin()
    gone.guest.leave()
    expect(await last.ended).toMatchObject({ cause: 'ended', end: { exitCode: 137 } })
    expect(gone.session.isUsable).toBe(false)

    const idle = new Played()
    idle.guest.leave()
    expect(idle.session.isUsable).toBe(false)
  })

  it('kills the guest at the time limit of a step', async () => {
    const played = new Played()
    const step = await played.begin()
    played.guest.say(1, `${step.nonce}begun`)
    await played.clock.advance(100)
    expect(await step.ended).toMatchObject({ cause: 'timed-out', stdout: 'begun' })
    expect(played.guest.isKilled).toBe(true)
    expect(played.session.isUsable).toBe(false)
  })
})
