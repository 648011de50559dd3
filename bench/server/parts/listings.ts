import pg from 'pg'
import { rounded } from '../../rounded.ts'
import { aimLine, median, percentile } from '../aim.ts'
import { BENCH_PROJECT, BENCH_TENANT, type BenchSettings, startGateway } from '../golden-server.ts'

/** What a measurement of listings works with. */
export interface ListingsOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  /** Tasks in the end. */
  readonly tasks: number
}

const FEW = 1000
const CALLS = 150
const PATHS: Readonly<Record<string, string>> = {
  'the first page': '/api/v1/tasks?limit=50',
  'a page far on': '/api/v1/tasks?limit=50&cursor=900',
  'of one status': '/api/v1/tasks?limit=50&status=completed',
  'figures (/stats)': '/stats',
}

/** Listings with few tasks and with very many; lines to print. */
export async function measureListings(options: ListingsOptions): Promise<readonly string[]> {
  const { settings, databaseUrl, tasks } = options
  const server = await startGateway(settings, databaseUrl)
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    await fill(pool, FEW)
    const few = await timesOf(server.address, settings.tokens)
    await fill(pool, tasks)
    const many = await timesOf(server.address, settings.tokens)
    const counts = `${FEW.toLocaleString('en')} and ${tasks.toLocaleString('en')} tasks`
    const lines = Object.keys(PATHS).map((name) => {
      const [before = Number.NaN, after = Number.NaN] = [few.get(name)?.p50, many.get(name)?.p50]
      return `${name.padEnd(20)} p50 ${rounded(before)} ms, then ${rounded(after)} ms with ${counts}`
    })
    const ratioOf = (name: string): number =>
      (many.get(name)?.p50 ?? Number.NaN) / (few.get(name)?.p50 ?? Number.NaN)
    const listings = Object.keys(PATHS).filter((name) => PATHS[name]?.startsWith('/api') === true)
    const p95s = [...many].map(([, { p95 }]) => p95)
    return [
      ...lines,
      '',
      ...listings.map((name) =>
        aimLine({ what: `× its time with few tasks, ${name}`, goal: 1.5, isUpperBound: true }, ratioOf(name)),
      ),
      aimLine({ what: 'ms p95 of the slowest', goal: 100, isUpperBound: true }, Math.max(...p95s)),
    ]
  } finally {
    await pool.end()
    await server.stop()
  }
}

/** Brings the tenant's tasks to so many, most of them done, as they are after a while. */
async function fill(pool: pg.Pool, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO tasks (tenant_id, task_id, project_id, kind, title, status, created_by, input)
     SELECT $2, 'filled-' || n, $3, 'root', 'Filled ' || n,
            CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'completed' END, 'bench', '{"id":"filled"}'
       FROM generate_series((SELECT count(*) + 1 FROM tasks), $1::bigint) AS n
     ON CONFLICT DO NOTHING`,
    [count, BENCH_TENANT, BENCH_PROJECT],
  )
  await pool.query('VACUUM (ANALYZE) tasks')
}

type Times = ReadonlyMap<string, { readonly p50: number; readonly p95: number }>

/** All listings in turns, one call at a time. */
async function timesOf(address: string, tokens: readonly string[]): Promise<Times> {
  const times = new Map<string, number[]>(Object.keys(PATHS).map((name) => [name, []]))
  for (let call = 0; call < CALLS; call++) {
    for (const [name, path] of Object.entries(PATHS)) {
      const started = performance.now()
      const headers = { authorization: `Bearer ${tokens[call % tokens.length]}` }
      const answer = await fetch(`${address}${path}`, { headers })
      await answer.text()
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
      times.get(name)?.push(performance.now() - started)
    }
  }
  return new Map([...times].map(([name, all]) => [name, { p50: median(all), p95: percentile(all, 95) }]))
}
