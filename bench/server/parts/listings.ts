import pg from 'pg'
import { rounded } from '../../rounded.ts'
import { aimLine, median, percentile } from '../aim.ts'
import { type BenchSettings, startGateway } from '../golden-server.ts'
import { ownDatabase } from '../own-database.ts'
import type { StartedServer } from '../started-server.ts'
import { farPosition, fillTables } from './fill-tables.ts'

/** What a measurement of listings works with. */
export interface ListingsOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  /** Tasks in the end. */
  readonly tasks: number
}

const FEW = 1000
const CALLS = 100
/** Calls of each that warm the server and the database up. */
const WARMING = 20

interface Listing {
  readonly name: string
  readonly path: string
  /** Where a page lies that is far on. Absent: there is none. */
  readonly position?: { readonly table: string; readonly column: string }
}

const LISTINGS: readonly Listing[] = [
  { name: 'tasks', path: '/api/v1/tasks?limit=50', position: { table: 'tasks', column: 'position' } },
  {
    name: 'tasks of one status',
    path: '/api/v1/tasks?limit=50&status=completed',
    position: { table: 'tasks', column: 'position' },
  },
  {
    name: 'tasks of one person',
    path: '/api/v1/tasks?limit=50&created_by=bench',
    position: { table: 'tasks', column: 'position' },
  },
  { name: 'tasks at work', path: '/api/v1/tasks?limit=50&status=executing' },
  { name: 'agents', path: '/api/v1/agents?limit=50' },
  { name: 'audit', path: '/api/v1/audit?limit=50', position: { table: 'audit_log', column: 'entry_id' } },
  { name: 'audit of one person', path: '/api/v1/audit?limit=50&actor=bench' },
  {
    name: 'escalations',
    path: '/api/v1/escalations?limit=50',
    position: { table: 'escalations', column: 'position' },
  },
  { name: 'open escalations', path: '/api/v1/escalations?limit=50&status=open' },
  {
    name: 'reviews',
    path: '/api/v1/reviews?limit=50',
    position: { table: 'peer_reviews', column: 'position' },
  },
  {
    name: 'dead letters',
    path: '/api/v1/dlq?limit=50',
    position: { table: 'dlq_messages', column: 'dlq_id' },
  },
  { name: 'open dead letters', path: '/api/v1/dlq?limit=50&status=open' },
  { name: 'limits of projects', path: '/api/v1/budget/limits' },
  { name: 'figures (/stats)', path: '/stats' },
]

/**
 * Listings with few tasks and with very many; lines to print. Both servers answer in turns, call by call, so that whatever
 * else the machine does falls on both.
 */
export async function measureListings(options: ListingsOptions): Promise<readonly string[]> {
  const { settings, databaseUrl, tasks } = options
  const few = await FilledServer.start(settings, await ownDatabase(databaseUrl, 'few_tasks'), FEW)
  try {
    const many = await FilledServer.start(settings, await ownDatabase(databaseUrl, 'many_tasks'), tasks)
    try {
      const [small, large] = await timesOf([few, many], settings.adminToken)
      const found = [...large].map(([name, { p50, p95 }]) => {
        const before = small.get(name)?.p50 ?? Number.NaN
        return { name, before, p50, p95, ratio: p50 / before }
      })
      return [
        `p50 with ${FEW.toLocaleString('en')} and with ${tasks.toLocaleString('en')} tasks, in turns; made in ${rounded(many.filledSeconds)} s`,
        ...found.map(
          ({ name, before, p50, ratio }) =>
            `${name.padEnd(32)} ${rounded(before)} ms and ${rounded(p50)} ms: ${rounded(ratio)}`,
        ),
        '',
        aimLine(
          { what: '× its time with few tasks, the slowest listing', goal: 1.5, isUpperBound: true },
          Math.max(...found.map(({ ratio }) => ratio)),
        ),
        aimLine(
          { what: 'ms p95 of the slowest', goal: 100, isUpperBound: true },
          Math.max(...found.map(({ p95 }) => p95)),
        ),
      ]
    } finally {
      await many.stop()
    }
  } finally {
    await few.stop()
  }
}

/** A gateway whose database has so many tasks. */
class FilledServer {
  readonly address: string
  /** Path by the name of a listing. */
  readonly paths: ReadonlyMap<string, string>
  readonly filledSeconds: number
  readonly stop: () => Promise<void>

  private constructor(server: StartedServer, paths: ReadonlyMap<string, string>, filledSeconds: number) {
    this.address = server.address
    this.paths = paths
    this.filledSeconds = filledSeconds
    this.stop = () => server.stop()
  }

  static async start(settings: BenchSettings, databaseUrl: string, tasks: number): Promise<FilledServer> {
    const server = await startGateway(settings, databaseUrl)
    const client = new pg.Client({ connectionString: databaseUrl })
    try {
      await client.connect()
      const started = performance.now()
      await fillTables(client, tasks)
      return new FilledServer(server, await pathsOf(client), (performance.now() - started) / 1000)
    } catch (error) {
      await server.stop()
      throw error
    } finally {
      await client.end()
    }
  }
}

/** The first page of each listing, and one that is far on. */
async function pathsOf(client: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>()
  for (const { name, path, position } of LISTINGS) {
    paths.set(name, path)
    if (position === undefined) continue
    const cursor = await farPosition(client, position.table, position.column)
    paths.set(`${name}, far on`, `${path}&cursor=${cursor}`)
  }
  return paths
}

type Times = ReadonlyMap<string, { readonly p50: number; readonly p95: number }>

/** All listings of both servers in turns, one call at a time. */
async function timesOf(
  servers: readonly [FilledServer, FilledServer],
  token: string,
): Promise<readonly [Times, Times]> {
  const [few, many] = servers
  const times = new Map(servers.map((server) => [server, new Map<string, number[]>()]))
  for (let call = 0; call < WARMING + CALLS; call++) {
    for (const name of few.paths.keys()) {
      for (const server of servers) {
        const ms = await timeOf(`${server.address}${server.paths.get(name)}`, token)
        const all = times.get(server)?.get(name) ?? []
        if (call >= WARMING) times.get(server)?.set(name, [...all, ms])
      }
    }
  }
  const timesAt = (server: FilledServer): Times => {
    const found = [...(times.get(server) ?? [])]
    return new Map(found.map(([name, all]) => [name, { p50: median(all), p95: percentile(all, 95) }]))
  }
  return [timesAt(few), timesAt(many)]
}

async function timeOf(url: string, token: string): Promise<number> {
  const started = performance.now()
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return performance.now() - started
}
