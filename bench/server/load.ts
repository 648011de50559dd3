import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { processorTimeOf } from '../processor-time.ts'
import { percentile } from './aim.ts'

/** Calls of many connections, each one at a time. */
export interface Load {
  readonly address: string
  /** Of the process that answers; its processor time is told. */
  readonly pid: number
  readonly path: string
  readonly tokens: readonly string[]
  readonly connections: number
  readonly seconds: number
  /**
   * Calls a second of all connections together, spread evenly over time as those of people who know nothing of one another
   * are. Default: as many as are answered.
   */
  readonly rate?: number
  /** The body of the next call; undefined: it reads. */
  readonly body?: () => unknown
}

/** How it went. */
export interface LoadFigures {
  readonly callsPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  /** Processor time of the server for a call, in microseconds. */
  readonly processorMicros: number
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>
  /** Calls without an answer: connections that broke, and waits of 30 s. */
  readonly failures: number
}

const TIMEOUT_SECONDS = 30
/** Groups of connections that a paced load comes from. */
const PHASES = 50

/** Puts the load on a server. */
export async function runLoad(load: Load): Promise<LoadFigures> {
  const { address, pid, path, tokens, connections, seconds, rate, body } = load
  const durations: number[] = []
  const statuses = new Map<number, number>()
  let next = 0
  const request: autocannon.Request = {
    method: body === undefined ? 'GET' : 'POST',
    path,
    setupRequest: (given) => ({
      ...given,
      headers: {
        ...given.headers,
        authorization: `Bearer ${tokens[next++ % tokens.length]}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body()) }),
    }),
  }
  const before = serverTime(pid)
  const started = performance.now()
  const run = (share: Pick<Load, 'connections' | 'rate'>): Promise<autocannon.Result> =>
    new Promise((resolve, reject) => {
      const pace = share.rate === undefined ? {} : { overallRate: share.rate }
      const options = { url: address, connections: share.connections, duration: seconds, ...pace }
      const running = autocannon(
        { ...options, timeout: TIMEOUT_SECONDS, requests: [request] },
        (error: unknown, result) => {
          if (error === null || error === undefined) resolve(result)
          else reject(error)
        },
      )
      running.on('response', (_client, status, _bytes, durationMs) => {
        durations.push(durationMs)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      })
    })
  const results = await inPhases(connections, rate, run)
  const elapsedMs = performance.now() - started
  const processorMicros = (serverTime(pid) - before) / Math.max(1, durations.length)
  await drain(load)
  return {
    callsPerSecond: (durations.length * 1000) / elapsedMs,
    p50Ms: percentile(durations, 50),
    p95Ms: percentile(durations, 95),
    p99Ms: percentile(durations, 99),
    processorMicros,
    statuses,
    failures: results.reduce((sum, { errors, timeouts }) => sum + errors + timeouts, 0),
  }
}

/** With a rate, groups of connections start one after another: each of them calls in step with its own group alone. */
async function inPhases<T>(
  connections: number,
  rate: number | undefined,
  run: (share: Pick<Load, 'connections' | 'rate'>) => Promise<T>,
): Promise<readonly T[]> {
  if (rate === undefined) return [await run({ connections })]
  const running: Promise<T>[] = []
  for (let phase = 0; phase < PHASES; phase++) {
    running.push(run({ connections: connections / PHASES, rate: rate / PHASES }))
    // A connection calls once in this time.
    await sleep((connections / rate / PHASES) * 1000)
  }
  return await Promise.all(running)
}

/** What was under way when the load ended is still worked on: a last call comes after it. */
async function drain({ address, path, tokens, body }: Load): Promise<void> {
  const answer = await fetch(`${address}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${tokens[0]}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body()) }),
  })
  await answer.text()
}

/** Whether every call was answered as one that succeeds. */
export function isClean({ statuses, failures }: LoadFigures): boolean {
  return failures === 0 && statuses.size > 0 && [...statuses.keys()].every((status) => status < 300)
}

/** The statuses as one text. */
export function statusText({ statuses, failures }: LoadFigures): string {
  const answered = [...statuses].toSorted(([left], [right]) => left - right)
  const texts = answered.map(([status, count]) => `${count} × ${status}`)
  return [...texts, ...(failures > 0 ? [`${failures} without an answer`] : [])].join(', ')
}

function serverTime(pid: number): number {
  const { user, system } = process.cpuUsage()
  return processorTimeOf([pid]) - user - system
}
