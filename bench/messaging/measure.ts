import { createHistogram } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { jobOf, type OpenContender } from './contender.ts'
import type { ProcessorTimes } from './servers.ts'

/** Enqueuings that wait at once. */
const IN_FLIGHT = 256
/** Jobs in a second where latency is measured. */
const MODEST_RATE = 200
/** Enough for the compilers of Node and of PGlite's WebAssembly to have done their work. */
const WARM_JOBS = 2000
/** A round that has not ended by then has lost something. */
const GIVE_UP_MS = 120_000

/** What one round of one contender gave. */
export interface Round {
  readonly jobsPerSecond: number
  /** Microseconds of processor time for each job. */
  readonly nodeMicros: number
  readonly serverMicros: number
  /** Milliseconds from the call that enqueues to the start of the handler, at a modest rate. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Enqueues and handles warm, then against the clock, then at a modest rate; checks that each job was done once. */
export async function measureRound(
  opened: OpenContender,
  jobs: number,
  latencySeconds: number,
  processorTimes: () => ProcessorTimes,
): Promise<Round> {
  const tally = new Tally()
  await opened.work((index) => tally.handled(index))
  await enqueueAll(opened, tally, WARM_JOBS)
  const before = processorTimes()
  const startedAt = performance.now()
  await enqueueAll(opened, tally, jobs)
  const elapsedMs = performance.now() - startedAt
  const after = processorTimes()
  const latency = createHistogram()
  tally.onHandled = (sinceMs) => latency.record(Math.max(1, Math.round(sinceMs * 1e6)))
  const paced = Math.round(MODEST_RATE * latencySeconds)
  const firstAt = performance.now()
  const stored: Promise<void>[] = []
  for (let turn = 0; turn < paced; turn++) {
    const waitMs = firstAt + (turn * 1000) / MODEST_RATE - performance.now()
    if (waitMs > 0) await pause(waitMs)
    stored.push(opened.enqueue(jobOf(tally.next())))
  }
  await Promise.all(stored)
  await tally.allHandled()
  await opened.stop()
  const left = await opened.left()
  if (left > 0) throw new Error(`${left} jobs are not done`)
  if (tally.repeated > 0) throw new Error(`${tally.repeated} jobs were handled twice`)
  return {
    jobsPerSecond: (jobs * 1000) / elapsedMs,
    nodeMicros: (after.node - before.node) / jobs,
    serverMicros: (after.servers - before.servers) / jobs,
    p50Ms: latency.percentile(50) / 1e6,
    p99Ms: latency.percentile(99) / 1e6,
  }
}

async function enqueueAll(opened: OpenContender, tally: Tally, count: number): Promise<void> {
  let begun = 0
  const caller = async (): Promise<void> => {
    while (begun++ < count) await opened.enqueue(jobOf(tally.next()))
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  await tally.allHandled()
}

/** When each job was enqueued, and whether it was handled. */
class Tally {
  repeated = 0
  onHandled: (sinceMs: number) => void = () => undefined
  readonly #enqueuedAt: number[] = []
  readonly #seen = new Set<number>()
  #noneLeft: (() => void) | undefined

  next(): number {
    return this.#enqueuedAt.push(performance.now()) - 1
  }

  handled(index: number): void {
    if (this.#seen.has(index)) {
      this.repeated++
      return
    }
    this.#seen.add(index)
    this.onHandled(performance.now() - (this.#enqueuedAt[index] ?? Number.NaN))
    if (this.#seen.size === this.#enqueuedAt.length) this.#noneLeft?.()
  }

  async allHandled(): Promise<void> {
    if (this.#seen.size === this.#enqueuedAt.length) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      reject(new Error(`${this.#enqueuedAt.length - this.#seen.size} jobs were not handled`))
    }, GIVE_UP_MS)
    this.#noneLeft = resolve
    await promise.finally(() => clearTimeout(timer))
  }
}
