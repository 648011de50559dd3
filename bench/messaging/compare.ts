/**
 * Jobs of 256 bytes from their enqueuing to the end of their handling, side by side: this package and its peers. Each
 * enqueues one job by each call, 256 calls waiting at once, while its worker runs in the same process. Contenders take
 * turns in each round, on servers of their own; medians over the rounds are printed, with the spread.
 * Usage: node --conditions=golden-arch-source bench/messaging/compare.ts [--rounds 5] [--scale 1] [--latency 1.5]
 *        [--only part-of-a-name,…]
 */
import { cpus } from 'node:os'
import { medianFlushMs } from '../flush-time.ts'
import { rounded } from '../rounded.ts'
import { aimLines } from './aims.ts'
import type { Contender } from './contender.ts'
import { bullmq, bullmqAlways } from './contenders/bullmq.ts'
import {
  goldenJetStream,
  goldenJetStreamAlways,
  goldenJetStreamCounted,
  goldenJetStreamInbox,
} from './contenders/golden-jetstream.ts'
import { goldenPglite, goldenSql } from './contenders/golden-sql.ts'
import { graphileWorker } from './contenders/graphile-worker.ts'
import { pgBoss } from './contenders/pg-boss.ts'
import { rawJetStream, rawJetStreamAlways } from './contenders/raw-jetstream.ts'
import { measureRound, type Round } from './measure.ts'
import { readRunArguments } from './run-arguments.ts'
import { type Servers, startServers } from './servers.ts'

const CONTENDERS = [
  rawJetStream,
  goldenJetStream,
  goldenJetStreamCounted,
  goldenJetStreamInbox,
  bullmq,
  rawJetStreamAlways,
  goldenJetStreamAlways,
  bullmqAlways,
  goldenSql,
  goldenPglite,
  pgBoss,
  graphileWorker,
]

const run = readRunArguments(process.argv.slice(2))
const contenders = CONTENDERS.filter(
  ({ name }) => run.only.length === 0 || run.only.some((part) => name.includes(part)),
)
const servers = await startServers()
try {
  console.log(
    `${servers.title}, Node ${process.version}, ${cpus().length} processors, ` +
      `a flush of the disk ${rounded((await medianFlushMs()) * 1000)} µs; ${run.rounds} rounds, medians (least to most)\n`,
  )
  const rounds = new Map<Contender, Round[]>(contenders.map((one) => [one, []]))
  for (let round = 0; round < run.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const contender = contenders[(turn + round) % contenders.length]
      if (contender === undefined) continue
      rounds.get(contender)?.push(await oneRound(contender, servers))
    }
  }
  const speeds = new Map<string, number>()
  for (const [contender, measured] of rounds) {
    speeds.set(contender.name, median(measured, 'jobsPerSecond'))
    console.log(lineOf(contender, measured))
  }
  console.log('\nAims')
  for (const line of aimLines(speeds)) console.log(line)
} finally {
  await servers.stop()
}

async function oneRound(
  contender: Contender,
  { addresses, settle, processorTimes }: Servers,
): Promise<Round> {
  const opened = await contender.open(addresses)
  try {
    await settle()
    const jobs = Math.ceil(contender.jobs * run.scale)
    return await measureRound(opened, jobs, run.latencySeconds, processorTimes)
  } catch (cause) {
    throw new Error(`${contender.name} failed`, { cause })
  } finally {
    await opened.close()
  }
}

function lineOf({ name, durability }: Contender, rounds: readonly Round[]): string {
  const speeds = rounds.map(({ jobsPerSecond }) => jobsPerSecond)
  const figure = (of: keyof Round): string => rounded(median(rounds, of)).padStart(5)
  return [
    name.padEnd(29),
    durability.padEnd(18),
    `${rounded(median(rounds, 'jobsPerSecond')).padStart(7)} jobs/s`,
    `(${rounded(Math.min(...speeds))} to ${rounded(Math.max(...speeds))})`.padEnd(18),
    `CPU for each: node ${figure('nodeMicros')} µs, servers ${figure('serverMicros')} µs`,
    `latency p50 ${figure('p50Ms')} ms, p99 ${figure('p99Ms')} ms`,
  ].join('  ')
}

function median(rounds: readonly Round[], name: keyof Round): number {
  const sorted = rounds.map((round) => round[name]).sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
