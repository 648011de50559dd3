/**
 * Holds and commits of budgets, side by side: this package and the usual ways to write one. Contenders take turns in
 * each round, on servers of their own with fsync on; medians over the rounds are printed, with the spread.
 * Usage: node --conditions=golden-arch-source bench/budget/compare.ts [--rounds 7] [--seconds 3] [--callers 64,512]
 *        [--shapes 'one budget,1000 budgets,4 levels'] [--only part-of-a-name,…] [--connections 10]
 */
import { cpus } from 'node:os'
import { startPostgres, startRedis } from '@golden-arch/testkit'
import { medianFlushMs } from '../flush-time.ts'
import { rounded } from '../rounded.ts'
import { aimLines, type Figures } from './aims.ts'
import type { Contender, Services, Shape } from './contender.ts'
import { golden, goldenEmbedded } from './contenders/golden.ts'
import { lockAndUpdate } from './contenders/lock-and-update.ts'
import { oneStatement } from './contenders/one-statement.ts'
import { rateLimiter } from './contenders/rate-limiter.ts'
import { redisInFront } from './contenders/redis-in-front.ts'
import { redisScript } from './contenders/redis-script.ts'
import { measureRound, type Round } from './measure.ts'
import { readRunArguments } from './run-arguments.ts'
import { type ServerWatch, watchServers } from './server-watch.ts'

const CONTENDERS = [
  lockAndUpdate,
  oneStatement,
  redisInFront,
  redisScript,
  rateLimiter,
  golden,
  goldenEmbedded,
]
const SINGLE_CALLER = [oneStatement, golden]

type RoundWithFlushes = Round & { readonly flushesPerPair: number }

const run = readRunArguments(process.argv.slice(2))
const isWanted = ({ name }: Contender): boolean =>
  run.only.length === 0 || run.only.some((part) => name.includes(part))
const postgres = await startPostgres({ fsync: true })
const redis = await startRedis()
const watch = await watchServers(postgres.address, redis.address)
const all: Figures[] = []
try {
  console.log(
    `PostgreSQL ${postgres.version} with fsync, Redis ${redis.version} with appendonly everysec, Node ${process.version}, ` +
      `${cpus().length} processors, a flush of the disk ${rounded((await medianFlushMs()) * 1000)} µs; peers with ${run.connections} connections; ${run.rounds} rounds of ${run.seconds} s, medians (least to most)`,
  )
  const services = {
    postgresAddress: postgres.address,
    redisAddress: redis.address,
    connections: run.connections,
  }
  for (const shape of run.shapes) {
    for (const callers of run.callers) {
      const contenders = CONTENDERS.filter((one) => isWanted(one) && one.shapes.includes(shape))
      await compare(contenders, services, shape, callers)
    }
  }
  await compare(SINGLE_CALLER.filter(isWanted), services, 'one budget', 1)
  console.log('\nAims')
  for (const line of aimLines(all)) console.log(line)
} finally {
  await watch.close()
  await Promise.all([postgres.stop(), redis.stop()])
}

async function compare(
  contenders: readonly Contender[],
  services: Services,
  shape: Shape,
  callers: number,
): Promise<void> {
  console.log(`\n${shape}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`)
  const rounds = new Map<Contender, RoundWithFlushes[]>(contenders.map((one) => [one, []]))
  for (let round = 0; round < run.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const contender = contenders[(turn + round) % contenders.length]
      if (contender === undefined) continue
      rounds.get(contender)?.push(await oneRound(contender, services, shape, callers, watch))
    }
  }
  const base = median(rounds.get(lockAndUpdate) ?? rounds.values().next().value ?? [], 'pairsPerSecond')
  for (const [contender, measured] of rounds) {
    const figures = figuresOf(contender, shape, callers, measured)
    all.push(figures)
    const speeds = measured.map(({ pairsPerSecond }) => pairsPerSecond)
    const spread = `(${rounded(Math.min(...speeds))} to ${rounded(Math.max(...speeds))})`
    console.log(
      [
        contender.name.padEnd(24),
        `${rounded(figures.pairsPerSecond).padStart(7)} pairs/s ${spread.padEnd(20)}`,
        `${rounded(figures.pairsPerSecond / base).padStart(5)} ×`,
        `p50 ${rounded(figures.p50Ms).padStart(5)} ms, p99 ${rounded(figures.p99Ms).padStart(5)} ms`,
        `${rounded(figures.cpuMicros).padStart(5)} µs CPU`,
        figures.flushesPerPair === undefined ? '' : `${rounded(figures.flushesPerPair)} flushes`,
      ].join('  '),
    )
  }
}

async function oneRound(
  contender: Contender,
  services: Services,
  shape: Shape,
  callers: number,
  servers: ServerWatch,
): Promise<RoundWithFlushes> {
  const opened = await contender.open(services, shape)
  try {
    await servers.settle()
    const before = await servers.logFlushes()
    const round = await measureRound(
      opened,
      { shape, callers, seconds: run.seconds },
      servers.processorTime,
    ).finally(opened.close)
    await servers.connectionsEnded()
    return { ...round, flushesPerPair: ((await servers.logFlushes()) - before) / round.pairCount }
  } finally {
    await opened.remove()
  }
}

function figuresOf(
  contender: Contender,
  shape: Shape,
  callers: number,
  rounds: readonly RoundWithFlushes[],
): Figures {
  const isOnServer = contender !== redisScript && contender !== goldenEmbedded
  return {
    contender: contender.name,
    shape,
    callers,
    pairsPerSecond: median(rounds, 'pairsPerSecond'),
    p50Ms: median(rounds, 'p50Ms'),
    p99Ms: median(rounds, 'p99Ms'),
    cpuMicros: median(rounds, 'cpuMicros'),
    flushesPerPair: isOnServer ? median(rounds, 'flushesPerPair') : undefined,
  }
}

function median(rounds: readonly RoundWithFlushes[], name: keyof RoundWithFlushes): number {
  const sorted = rounds.map((round) => round[name]).sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
