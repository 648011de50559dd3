import { temporaryFolder } from '@golden-arch/testkit'
import { rounded } from '../../rounded.ts'
import { aimLine, median } from '../aim.ts'
import { type BenchSettings, startGolden } from '../golden-server.ts'
import type { StartedServer } from '../started-server.ts'

/** What a measurement of starts works with. */
export interface IdleOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly natsUrl: string
  readonly rounds: number
}

const IDLE_MS = 5000
const MEBIBYTE = 1024 * 1024

/** Start to ready, and the memory of an idle server with all its roles, beside servers and embedded; lines to print. */
export async function measureIdle(options: IdleOptions): Promise<readonly string[]> {
  const { settings, databaseUrl: DATABASE_URL, redisUrl: REDIS_URL, natsUrl: NATS_URL } = options
  const starts: Record<string, Idle[]> = { beside: [], embedded: [], again: [] }
  for (let round = 0; round <= options.rounds; round++) {
    const beside = await idleOf(await startGolden(settings, { DATABASE_URL, REDIS_URL, NATS_URL }))
    const folder = await temporaryFolder('bench')
    const environment = { DATA_DIR: folder.path }
    const embedded = await idleOf(await startGolden(settings, environment))
    const again = await idleOf(await startGolden(settings, environment))
    await folder.remove()
    // The first start beside servers makes the tables.
    if (round === 0) continue
    starts.beside?.push(beside)
    starts.embedded?.push(embedded)
    starts.again?.push(again)
  }
  const readyOf = (name: string): number => median((starts[name] ?? []).map(({ readyMs }) => readyMs)) / 1000
  const memoryOf = (name: string): number =>
    median((starts[name] ?? []).map(({ bytes }) => bytes ?? Number.NaN)) / MEBIBYTE
  const lines = [
    ['beside PostgreSQL, Redis and NATS', 'beside'],
    ['embedded, its first start', 'embedded'],
    ['embedded, a later start', 'again'],
  ].map(
    ([what = '', name = '']) =>
      `${what.padEnd(34)} ready after ${rounded(readyOf(name))} s, idle at ${rounded(memoryOf(name))} MiB`,
  )
  const upper = { isUpperBound: true }
  return [
    ...lines,
    '',
    aimLine({ what: 's to ready beside servers', goal: 2, ...upper }, readyOf('beside')),
    aimLine({ what: 's to ready embedded', goal: 5, ...upper }, readyOf('embedded')),
    aimLine({ what: 'MiB idle beside servers', goal: 150, ...upper }, memoryOf('beside')),
    aimLine({ what: 'MiB idle embedded', goal: 350, ...upper }, memoryOf('embedded')),
  ]
}

interface Idle {
  readonly readyMs: number
  readonly bytes: number | undefined
}

async function idleOf(server: StartedServer): Promise<Idle> {
  try {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    return { readyMs: server.readyMs, bytes: server.residentBytes() }
  } finally {
    await server.stop()
  }
}
