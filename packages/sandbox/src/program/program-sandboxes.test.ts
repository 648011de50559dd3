import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { ScheduledTimer } from '@golden-arch/core/time'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import type { GuestProgram } from '../ports/sandbox-backend.ts'
import { FakeSandboxFleet } from '../testing/fake-sandbox-fleet.ts'
import { PROGRAM_LIMITS } from './program-limits.ts'
import { ProgramSandboxes, type ProgramSandboxesOptions } from './program-sandboxes.ts'

const MAX_WARM_USE_MS = 600_000
const WARM_MAX_AGE_MS = 10_000
const LOOK_MS = 1000
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp(more: Partial<ProgramSandboxesOptions<never>> = {}) {
  const fleet = new FakeSandboxFleet()
  const clock = new FakeClock()
  const logger = new RecordingLogger()
  const sandboxes = new ProgramSandboxes({
    backend: 'fake',
    languages: new Map([['python', { warm: 1, maxWarm: 2 }]]),
    limits: PROGRAM_LIMITS,
    maxWarmUseMs: MAX_WARM_USE_MS,
    maxConcurrent: 2,
    warmMaxAgeMs: WARM_MAX_AGE_MS,
    reapIntervalMs: LOOK_MS,
    rules: { filesLimitBytes: 1000, maxFiles: 2 },
    clock,
    logger,
    ...more,
    fleet,
  })
  const program: GuestProgram = { language: 'python', code: '1', limits: sandboxes.resolveLimits({}) }
  return { fleet, clock, logger, sandboxes, program }
}

const never = new AbortController().signal

describe('the sandboxes of whole programs', () => {
  it('are prepared once: the fleet, what is left of others, a probe, then what waits', async () => {
    const { fleet, sandboxes } = setUp()
    fleet.orphans = 3
    await Promise.all([sandboxes.prepare(), sandboxes.prepare()])
    await sandboxes.prepare()
    expect(fleet.calls).toEqual(['prepare', 'reap', 'start', 'checkProbe', 'start'])
    expect(fleet.removed).toEqual([fleet.started[0]])
    expect(fleet.started[0]?.inputs[0]).toContain('probe')
    expect(sandboxes.stats).toEqual({ warm: 1, warmStarts: 0, coldStarts: 0, orphansReaped: 3 })
  })

  it.each(['prepare', 'reap', 'start', 'checkProbe'] as const)(
    'are prepared anew after %s has failed, and leave nothing of the probe',
    async (step) => {
      const { fleet, sandboxes, program } = setUp()
      fleet.failures[step] = new Error('no')
      await expect(sandboxes.prepare()).rejects.toThrow('no')
      await expect(sandboxes.acquire(program)).rejects.toThrow('no')
      expect(fleet.removed).toEqual(fleet.started)
      expect(sandboxes.stats.warm).toBe(0)
      delete fleet.failures[step]
      await sandboxes.prepare()
      expect(sandboxes.stats.warm).toBe(1)
    },
  )

  it('are held one for each program, one that waits first, and are removed after it, once', async () => {
    const { fleet, sandboxes, program } = setUp()
    const lease = await sandboxes.acquire(program)
    expect(sandboxes.stats).toMatchObject({ warmStarts: 1, coldStarts: 0 })
    const outcome = await lease.run(program, never)
    expect(outcome).toEqual({
      status: 'completed',
      exitCode: 0,
      stdout: 'ran',
      stderr: '',
      truncated: { stdout: false, stderr: false },
      files: [],
      place: { runtime: 'fake', rules: { cpus: 1 }, isWarmStart: true },
    })
    const [probe, held] = fleet.started
    expect(fleet.removed).toEqual([probe])
    lease.release()
    lease.release()
    expect(fleet.removed).toEqual([probe, held])
  })

  it('say what the host has counted, where it counts', async () => {
    const { fleet, sandboxes, program } = setUp()
    const lease = await sandboxes.acquire(program)
    const usage = { cpuMs: 7, isMeasuredByHost: true }
    for (const guest of fleet.started) guest.usage = usage
    expect((await lease.run(program, never)).usage).toEqual(usage)
  })

  it('are started for what asks for other memory or another stack than waits', async () => {
    const { fleet, sandboxes, program } = setUp({ maxConcurrent: 4 })
    for (const limits of [{ memoryLimitBytes: 1 << 29 }, { stackLimitBytes: 1 << 20 }]) {
      const asked = { ...program, limits: sandboxes.resolveLimits(limits) }
      const lease = await sandboxes.acquire(asked)
      expect((await lease.run(asked, never)).place?.isWarmStart).toBe(false)
      expect(fleet.started.at(-1)?.need.limits).toMatchObject(limits)
    }
    expect(sandboxes.stats).toMatchObject({ warm: 1, warmStarts: 0, coldStarts: 2 })
  })

  it('live as long as they may be of use: a program, a session, or a wait and then either', async () => {
    const { fleet, sandboxes, program } = setUp({ maxConcurrent: 4 })
    await sandboxes.prepare()
    expect(fleet.started.map(({ need }) => need.lifeMs)).toEqual([
      PROGRAM_LIMITS.timeoutMs.max,
      WARM_MAX_AGE_MS + MAX_WARM_USE_MS,
    ])
    const { limits } = program
    const brief = await sandboxes.openSession({ language: 'python', limits, lifetimeMs: MAX_WARM_USE_MS })
    expect(sandboxes.stats).toMatchObject({ warmStarts: 1, coldStarts: 0 })
    await sandboxes.openSession({ language: 'python', limits, lifetimeMs: MAX_WARM_USE_MS + 1 })
    expect(sandboxes.stats).toMatchObject({ warmStarts: 1, coldStarts: 1 })
    expect(fleet.started.map(({ need }) => need.lifeMs)).toContain(MAX_WARM_USE_MS + 1)
    brief.release()
    expect(brief.isUsable).toBe(false)
    expect(fleet.removed).toHaveLength(2)
  })

  it('are no more at one time than they may be, also while one starts', async () => {
    const { fleet, sandboxes, program } = setUp({ languages: new Map([['python', { warm: 0, maxWarm: 0 }]]) })
    await sandboxes.prepare()
    const start = Promise.withResolvers<void>()
    fleet.whenStarted = start.promise
    const both = [sandboxes.acquire(program), sandboxes.acquire(program)]
    await settled()
    const full = { code: 'SANDBOX_INFRA', message: 'every sandbox is in use' }
    await expect(sandboxes.acquire(program)).rejects.toMatchObject(full)
    start.resolve()
    const [first] = await Promise.all(both)
    await expect(sandboxes.acquire(program)).rejects.toMatchObject(full)
    first?.release()
    first?.release()
    await sandboxes.acquire(program)
    await expect(sandboxes.acquire(program)).rejects.toMatchObject(full)
    expect(fleet.calls).toContain('whenFewerRemovals 2')
  })

  it('give the place of a start that failed, and of a session that there is not, to the next one', async () => {
    const { fleet, sandboxes, program } = setUp({
      maxConcurrent: 1,
      languages: new Map([['python', { warm: 0, maxWarm: 0 }]]),
    })
    await sandboxes.prepare()
    fleet.failures.start = new Error('no')
    await expect(sandboxes.acquire(program)).rejects.toThrow('no')
    delete fleet.failures.start
    const opening = { language: 'typescript', limits: program.limits, lifetimeMs: 1000 } as const
    await expect(sandboxes.openSession(opening)).rejects.toMatchObject({
      code: 'SANDBOX_REQUEST_INVALID',
      details: { field: 'language' },
    })
    expect(fleet.removed).toEqual(fleet.started)
    expect(sandboxes.stats).toMatchObject({ warmStarts: 0, coldStarts: 1 })
    await sandboxes.acquire(program)
  })

  it('are looked for now and then, for ever, also after a look that failed', async () => {
    const { fleet, clock, logger, sandboxes } = setUp()
    await sandboxes.prepare()
    fleet.failures.reap = new Error('no')
    await clock.advance(LOOK_MS)
    await settled()
    expect(logger.lines).toEqual([
      expect.objectContaining({ level: 'warn', message: 'the look for orphaned sandboxes failed' }),
    ])
    delete fleet.failures.reap
    fleet.orphans = 2
    await clock.advance(LOOK_MS)
    await settled()
    await clock.advance(LOOK_MS)
    await settled()
    expect(sandboxes.stats.orphansReaped).toBe(4)
    expect(clock.pendingCount).toBe(1)
  })

  it('are looked for without keeping the process alive', async () => {
    const holds: (boolean | undefined)[] = []
    class HeldClock extends FakeClock {
      override schedule(delayMs: number, callback: () => void): ScheduledTimer {
        return { ...super.schedule(delayMs, callback), hold: (isHeld) => holds.push(isHeld) }
      }
    }
    const { sandboxes } = setUp({ clock: new HeldClock() })
    await sandboxes.prepare()
    expect(holds).toEqual([false])
  })

  it('that wait are replaced when they have grown old', async () => {
    const { fleet, clock, sandboxes } = setUp()
    await sandboxes.prepare()
    const old = fleet.started[1]
    for (let passedMs = 0; passedMs <= WARM_MAX_AGE_MS; passedMs += LOOK_MS) {
      await clock.advance(LOOK_MS)
      await settled()
    }
    expect(fleet.removed).toContain(old)
    expect(sandboxes.stats.warm).toBe(1)
  })

  it('that do not start ahead are told of, and started when they are asked for', async () => {
    const { fleet, logger, sandboxes, program } = setUp()
    fleet.checkProbe = () => {
      fleet.failures.start = new Error('no')
    }
    await sandboxes.prepare()
    expect(logger.lines).toEqual([
      expect.objectContaining({ level: 'warn', message: 'a sandbox did not start' }),
    ])
    delete fleet.failures.start
    await sandboxes.acquire(program)
    expect(sandboxes.stats.coldStarts).toBe(1)
  })

  it('are had no more once closed, and nothing goes on', async () => {
    const { fleet, clock, sandboxes, program } = setUp()
    await sandboxes.prepare()
    await sandboxes.close()
    await sandboxes.close()
    expect(fleet.removed).toEqual(fleet.started)
    expect(fleet.calls.at(-1)).toBe('close')
    expect(clock.pendingCount).toBe(0)
    await expect(sandboxes.prepare()).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    await expect(sandboxes.acquire(program)).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
  })

  it('start nothing ahead where they are closed while they are prepared', async () => {
    const { fleet, clock, sandboxes, program } = setUp()
    const start = Promise.withResolvers<void>()
    fleet.whenStarted = start.promise
    const acquiring = expect(sandboxes.acquire(program)).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    await settled()
    const closing = sandboxes.close()
    start.resolve()
    await Promise.all([acquiring, closing])
    expect(fleet.started).toHaveLength(1)
    expect(fleet.calls.at(-1)).toBe('close')
    expect(clock.pendingCount).toBe(0)
  })
})
