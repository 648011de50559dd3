import { setTimeout as delay } from 'node:timers/promises'
import type { StartedService } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import type { LoadFigures } from './call-load.ts'
import type { ClusterProcessSetup } from './cluster-process.ts'
import { ProcessCluster } from './process-cluster.ts'

/** Long enough for a busy machine; what is faster is measured. */
const LIMIT_MS = 30_000
const OUTAGE_MS = 3000
const PROCESSES = 4
const SETTLE_MS = 100

/**
 * Lets 40 contenders in 4 processes ask for the probe of one circuit after the other.
 * @throws Error when a circuit had no probe or more than one.
 */
export async function electProbes(address: string, keyPrefix: string, rounds: number): Promise<number> {
  const setup = { ...setupFor(address, keyPrefix), members: 40 / PROCESSES }
  const rules = { failureThreshold: 1, recoveryTimeoutMs: 5 }
  return await withCluster({ ...setup, rules }, async (cluster) => {
    for (let round = 0; round < rounds; round++) {
      const name = `round-${round}`
      await cluster.askAll({ act: 'know', name })
      await cluster.ask(round % cluster.size, { act: 'trip', name })
      await cluster.until(name, 'open', LIMIT_MS)
      const answers = await cluster.askAll({ act: 'contend', name })
      const probes = answers.reduce((sum, answer) => sum + answer.probes, 0)
      if (probes !== 1) throw new Error(`${name} had ${probes} probes`)
    }
    return rounds
  })
}

/** Trips circuits in one process after the other; milliseconds until each of the others had opened, ascending. */
export async function measureTrips(
  address: string,
  keyPrefix: string,
  rounds: number,
): Promise<readonly number[]> {
  return await withCluster(setupFor(address, keyPrefix), async (cluster) => {
    const delays: number[] = []
    for (let round = 0; round < rounds; round++) {
      const name = `trip-${round}`
      await cluster.askAll({ act: 'know', name })
      const tripped = await cluster.ask(round % cluster.size, { act: 'trip', name })
      // Looking costs the processes time that would count.
      await delay(SETTLE_MS)
      const seen = (await cluster.until(name, 'open', LIMIT_MS)).flatMap(({ sinceMs }) => sinceMs)
      const trippedAtMs = tripped.sinceMs[0] ?? Number.NaN
      delays.push(...seen.filter((atMs) => atMs !== trippedAtMs).map((atMs) => atMs - trippedAtMs))
    }
    return delays.sort((a, b) => a - b)
  })
}

/** What calls went through while Redis failed, and how soon the processes agreed again, in milliseconds. */
export interface OutageFigures extends LoadFigures {
  readonly agreedAfterMs: Readonly<Record<Outage, number>>
}

const OUTAGES = ['killed', 'frozen', 'flushed'] as const

/** A way in which Redis fails. */
export type Outage = (typeof OUTAGES)[number]

/**
 * Kills, freezes and flushes Redis while healthy services are called, and trips a circuit each time.
 * @throws Error when a call failed, the circuit was not open at once where it tripped, or the processes do not agree
 * once Redis is back.
 */
export async function liveThroughOutages(redis: StartedService, keyPrefix: string): Promise<OutageFigures> {
  return await withCluster(setupFor(redis.address, keyPrefix), async (cluster) => {
    const agreedAfterMs = { killed: 0, frozen: 0, flushed: 0 }
    await cluster.askAll({ act: 'startLoad' })
    for (const outage of OUTAGES) {
      await cluster.ask(1, { act: 'trip', name: `before-${outage}` })
      await cluster.until(`before-${outage}`, 'open', LIMIT_MS)
      const restore = await breakRedis(redis, outage)
      const { statuses } = await cluster.ask(0, { act: 'trip', name: outage })
      if (statuses[0] !== 'open') throw new Error(`without Redis a circuit that tripped is ${statuses[0]}`)
      await delay(OUTAGE_MS)
      await restore()
      const restoredAtMs = performance.now()
      for (const name of [outage, `before-${outage}`]) await cluster.until(name, 'open', LIMIT_MS)
      agreedAfterMs[outage] = performance.now() - restoredAtMs
      for (const name of [outage, `before-${outage}`]) {
        await cluster.ask(2, { act: 'reset', name })
        await cluster.until(name, 'closed', LIMIT_MS)
      }
    }
    const loads = (await cluster.askAll({ act: 'stopLoad' })).map(({ load }) => load)
    const calls = loads.reduce((sum, load) => sum + (load?.calls ?? 0), 0)
    const failed = loads.reduce((sum, load) => sum + (load?.failed ?? 0), 0)
    if (failed > 0) throw new Error(`${failed} calls failed because of Redis`)
    return { calls, failed, worstMs: Math.max(...loads.map((load) => load?.worstMs ?? 0)), agreedAfterMs }
  })
}

/** Milliseconds that a command may take in these scenarios: longer than an outage lasts. */
const COMMAND_TIMEOUT_MS = 5000

/** Milliseconds that every call is faster than: one that waited for Redis would take as long as an outage. */
export const LONGEST_CALL_MS: number = OUTAGE_MS - 500

function setupFor(address: string, keyPrefix: string): ClusterProcessSetup {
  const rules = { failureThreshold: 3, recoveryTimeoutMs: 600_000 }
  return { address, keyPrefix, members: 1, rules, commandTimeoutMs: COMMAND_TIMEOUT_MS }
}

async function withCluster<T>(
  setup: ClusterProcessSetup,
  run: (cluster: ProcessCluster) => Promise<T>,
): Promise<T> {
  const cluster = await ProcessCluster.start(PROCESSES, setup)
  try {
    const result = await run(cluster)
    await cluster.close()
    return result
  } finally {
    cluster.kill()
  }
}

/** Breaks Redis; the function that it gives mends it. */
async function breakRedis(redis: StartedService, outage: Outage): Promise<() => Promise<void>> {
  if (outage === 'killed') {
    await redis.kill()
    return () => redis.restart()
  }
  const client = new Redis(redis.address)
  try {
    if (outage === 'flushed') {
      await client.flushall()
      return async () => {}
    }
    const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1])
    if (redis.how === 'compose') {
      // Its process is not one of this machine.
      await client.call('CLIENT', 'PAUSE', String(OUTAGE_MS), 'ALL')
      return async () => {}
    }
    process.kill(pid, 'SIGSTOP')
    return async () => void process.kill(pid, 'SIGCONT')
  } finally {
    client.disconnect()
  }
}
