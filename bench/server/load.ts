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
  /** Calls a second of all connections together. Default: as many as are answered. */
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
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const pace = rate === undefined ? {} : { overallRate: rate }
    const options = { url: address, connections, duration: seconds, timeout: TIMEOUT_SECONDS, ...pace }
    const running = autocannon({ ...options, requests: [request] }, (error: unknown, result) => {
      if (error === null || error === undefined) resolve(result)
      else reject(error)
    })
    running.on('response', (_client, status, _bytes, durationMs) => {
      durations.push(durationMs)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    })
  })
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
    failures: errors + timeouts,
  }
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
