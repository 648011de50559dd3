import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { ClaimedTask, TaskClaims } from '@golden-arch/core/tasks'
import { describe, expect, it } from 'vitest'
import type { Orchestrator } from './orchestrator.ts'
import { TaskRunner } from './task-runner.ts'

interface Script {
  claim(): Promise<ClaimedTask | undefined>
  run(taskId: string, signal: AbortSignal): Promise<unknown>
}

/** A runner on scripted claims and a scripted orchestrator; `released` names the claims that were given back. */
function runnerOn(
  script: Script,
  concurrency = 2,
): { runner: TaskRunner; released: string[]; pauses: [string, number][]; logger: RecordingLogger } {
  const released: string[] = []
  const pauses: [string, number][] = []
  const logger = new RecordingLogger()
  // Both classes have private fields, so no plain object has their type; only these methods are called.
  const claims = {
    leaseMs: 60_000,
    claimNext: () => script.claim(),
    renew: async () => true,
    release: async (claim: ClaimedTask) => void released.push(claim.taskId),
    postpone: async (claim: ClaimedTask, afterMs: number) => void pauses.push([claim.taskId, afterMs]),
  } as unknown as TaskClaims
  const orchestrator = {
    run: (_: string, taskId: string, signal: AbortSignal) => script.run(taskId, signal),
  } as unknown as Orchestrator
  const runner = new TaskRunner({ claims, orchestrator, logger, concurrency, random: () => 1 })
  return { runner, released, pauses, logger }
}

function queueOf(...taskIds: string[]): () => Promise<ClaimedTask | undefined> {
  return async () => {
    const taskId = taskIds.shift()
    return taskId === undefined ? undefined : { tenantId: 'acme', taskId, leaseId: taskId, failedRuns: 0 }
  }
}

const forever = new AbortController().signal

describe('a task runner', () => {
  it('runs every root, so many at once, and gives each claim back', async () => {
    let running = 0
    let most = 0
    const run = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
    }
    const { runner, released } = runnerOn({ claim: queueOf('a', 'b', 'c', 'd'), run })
    await runner.run({ signal: forever, untilIdle: true })
    expect(released.sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(most).toBe(2)
  })

  it('puts the root of a run that throws to rest, and gives its claim to nobody', async () => {
    const run = async (taskId: string): Promise<void> => {
      if (taskId === 'bad') throw new Error('the database is away')
    }
    const { runner, released, pauses } = runnerOn({ claim: queueOf('bad', 'good'), run })
    await runner.run({ signal: forever, untilIdle: true })
    expect(released).toEqual(['good'])
    expect(pauses).toEqual([['bad', 5000]])
  })

  it('lets a root whose runs keep failing rest twice as long each time, up to 15 minutes', async () => {
    let failedRuns = 0
    const claim = async (): Promise<ClaimedTask | undefined> =>
      failedRuns === 1000
        ? undefined
        : { tenantId: 'acme', taskId: 'bad', leaseId: 'l', failedRuns: failedRuns++ }
    const run = (): Promise<never> => Promise.reject(new Error('it can never work'))
    const { runner, pauses } = runnerOn({ claim, run }, 1)
    await runner.run({ signal: forever, untilIdle: true })
    const lengths = pauses.map(([, afterMs]) => afterMs)
    expect(lengths.slice(0, 9)).toEqual([
      5000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000,
    ])
    expect(new Set(lengths.slice(8))).toEqual(new Set([900_000]))
    expect(lengths).toHaveLength(1000)
  })

  it('goes on where the pause cannot be stored: the lease lapses by itself', async () => {
    const run = (): Promise<never> => Promise.reject(new Error('no'))
    const { runner, pauses, released, logger } = runnerOn({ claim: queueOf('a', 'b'), run }, 1)
    pauses.push = () => {
      throw new Error('the database is away')
    }
    await runner.run({ signal: forever, untilIdle: true })
    expect(released).toEqual([])
    expect(logger.lines.map(({ message }) => message)).toContain('a root could not be put to rest')
  })

  it('does not take a failed claim for idleness', async () => {
    let asked = 0
    const queue = queueOf('a')
    const claim = async (): Promise<ClaimedTask | undefined> => {
      if (asked++ === 0) throw new Error('the database is away')
      return queue()
    }
    const { runner, released } = runnerOn({ claim, run: async () => undefined })
    await runner.run({ signal: forever, untilIdle: true })
    expect(released).toEqual(['a'])
  })

  it('stops its runs at the signal, gives their claims back and resolves when nothing runs', async () => {
    const stop = new AbortController()
    const run = (_: string, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        stop.abort()
      })
    const { runner, released } = runnerOn({ claim: queueOf('a'), run }, 1)
    await runner.run({ signal: stop.signal })
    expect(released).toEqual(['a'])
  })
})
