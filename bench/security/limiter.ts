/**
 * Rate limits through Redis, side by side: the processor time of a call, of this process and of Redis. Contenders take
 * turns in each round, each on keys of its own; medians over the rounds are printed, and how often a peer's cost fits.
 * Usage: node --conditions=golden-arch-source bench/security/limiter.ts [--rounds 7] [--calls 20000]
 *        [--only part-of-a-name,…]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startRedis } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { processorTimeOf } from '../processor-time.ts'
import { rounded } from '../rounded.ts'
import { type Consume, LIMITER_CONTENDERS } from './limiter-contenders.ts'

interface Shape {
  readonly name: string
  readonly callers: number
  readonly keys: number
  readonly limit: number
}

interface Cost {
  readonly processMicros: number
  readonly redisMicros: number
}

const SHAPES: readonly Shape[] = [
  { name: '64 callers, 1,000 keys, limit 100', callers: 64, keys: 1000, limit: 100 },
  { name: '1 caller, 1,000 keys, limit 100', callers: 1, keys: 1000, limit: 100 },
  { name: '64 callers flood one key, limit 5', callers: 64, keys: 1, limit: 5 },
]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
  },
})
const [rounds, calls] = [Number(values.rounds), Number(values.calls)]
if (!(rounds > 0 && calls > 0)) throw new RangeError('--rounds and --calls take positive numbers')
const only = values.only.split(',').filter((part) => part !== '')
const contenders = LIMITER_CONTENDERS.filter(
  ({ name }, index) => index === 0 || only.length === 0 || only.some((part) => name.includes(part)),
)

const service = await startRedis()
const redis = new Redis(service.address)
try {
  const info = await redis.info('server')
  const redisPid = Number(/process_id:(\d+)/.exec(info)?.[1])
  console.log(`Node ${process.version}, Redis ${service.version}, ${cpus().length} processors`)
  console.log(`${rounds} rounds of ${calls} calls\n`)
  for (const shape of SHAPES) await compare(shape, redisPid)
} finally {
  redis.disconnect()
  await service.stop()
}

async function compare(shape: Shape, redisPid: number): Promise<void> {
  const costs = new Map<string, Cost[]>(contenders.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const contender = contenders[(turn + round + 1) % contenders.length]
      if (contender === undefined) continue
      await redis.flushall()
      const consume = contender.open(redis, `${contender.name}:${round}:`, shape.limit)
      const cost = await measure(consume, shape, redisPid)
      // The first round is to get warm.
      if (round >= 0) costs.get(contender.name)?.push(cost)
    }
  }
  console.log(shape.name)
  const first = sum(middle(costs.get(contenders[0]?.name ?? '') ?? []))
  for (const { name, most } of contenders) {
    const cost = middle(costs.get(name) ?? [])
    const parts = `${rounded(cost.processMicros)} + ${rounded(cost.redisMicros)} µs`
    const ratio = `${rounded(first / sum(cost))} ×`
    console.log(`  ${name.padEnd(46)}${parts.padStart(18)}${ratio.padStart(9)}   at most ${most} in a window`)
  }
  console.log('  (this process + Redis; × how many times its cost goes into that of the first)\n')
}

async function measure(consume: Consume, { callers, keys, limit }: Shape, redisPid: number): Promise<Cost> {
  let [next, admitted] = [0, 0]
  const both = processorTimeOf([redisPid])
  const own = process.cpuUsage()
  const caller = async (): Promise<void> => {
    while (next < calls) if (await consume(`key-${next++ % keys}`)) admitted++
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const { user, system } = process.cpuUsage(own)
  const redisMicros = processorTimeOf([redisPid]) - both - user - system
  const expected = Math.min(calls, keys * limit)
  if (admitted !== expected) throw new Error(`${admitted} calls were admitted, not ${expected}`)
  return { processMicros: (user + system) / calls, redisMicros: Math.max(0, redisMicros) / calls }
}

/** The sample in the middle by its sum. */
function middle(costs: readonly Cost[]): Cost {
  const sorted = [...costs].sort((one, other) => sum(one) - sum(other))
  return sorted[Math.floor(sorted.length / 2)] ?? { processMicros: Number.NaN, redisMicros: Number.NaN }
}

function sum({ processMicros, redisMicros }: Cost): number {
  return processMicros + redisMicros
}
