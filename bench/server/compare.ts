/**
 * The reference server under load. In turns beside a bare Fastify with the same schema and the same write; alone for its
 * memory, its start, its listings, a spike of load and a long run. Aims are printed as reached or missed.
 * Usage: node --conditions=golden-arch-source bench/server/compare.ts
 *        [--parts throughput,instrumentation,idle,listings,spike,memory]
 *        [--rounds 3] [--seconds 3] [--connections 64,512,1000] [--tasks 1000000] [--minutes 10]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startNats, startPostgres, startRedis } from '@golden-arch/testkit'
import { medianFlushMs } from '../flush-time.ts'
import { rounded } from '../rounded.ts'
import { runBareServer } from './bare-server.ts'
import { benchSettings } from './golden-server.ts'
import { measureIdle } from './parts/idle.ts'
import { measureInstrumentation } from './parts/instrumentation.ts'
import { measureListings } from './parts/listings.ts'
import { measureMemory } from './parts/memory.ts'
import { measureSpike } from './parts/spike.ts'
import { measureThroughput } from './parts/throughput.ts'

const { values } = parseArgs({
  options: {
    bare: { type: 'string' },
    parts: { type: 'string', default: 'throughput,instrumentation,idle,listings,spike,memory' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64,512,1000' },
    tasks: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '10' },
  },
})

if (values.bare === undefined) await compare()
else await runBareServer(values.bare)

async function compare(): Promise<void> {
  const [rounds, seconds, tasks, minutes] = [
    Number(values.rounds),
    Number(values.seconds),
    Number(values.tasks),
    Number(values.minutes),
  ]
  const connections = values.connections.split(',').map(Number)
  if (![rounds, seconds, tasks, minutes, ...connections].every((one) => one > 0)) {
    throw new RangeError('the figures must be above 0')
  }
  const postgres = await startPostgres({ fsync: true })
  const redis = await startRedis()
  const nats = await startNats()
  try {
    console.log(
      `PostgreSQL ${postgres.version} with fsync, Node ${process.version}, ${cpus().length} processors, a flush of the ` +
        `disk ${rounded((await medianFlushMs()) * 1000)} µs; load from the same machine; rounds: ${rounds}, medians\n`,
    )
    const settings = await benchSettings()
    const databaseUrl = postgres.address
    const parts: Readonly<Record<string, () => Promise<readonly string[]>>> = {
      throughput: () => measureThroughput({ settings, databaseUrl, rounds, seconds, connections }),
      instrumentation: () => measureInstrumentation({ settings, databaseUrl, rounds, seconds }),
      idle: () =>
        measureIdle({ settings, databaseUrl, redisUrl: redis.address, natsUrl: nats.address, rounds }),
      listings: () => measureListings({ settings, databaseUrl, tasks }),
      spike: () => measureSpike({ settings, databaseUrl, seconds }),
      memory: () => measureMemory({ settings, databaseUrl, minutes }),
    }
    for (const name of values.parts.split(',')) {
      const measure = parts[name]
      if (measure === undefined) throw new RangeError(`--parts: there is no ${name}`)
      console.log(`${name}\n${(await measure()).join('\n')}\n`)
    }
  } finally {
    await nats.stop()
    await redis.stop()
    await postgres.stop()
  }
}
