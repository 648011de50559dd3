import { rounded } from '../../rounded.ts'
import { aimLine, median } from '../aim.ts'
import { budgetBodies, taskBodies } from '../bodies.ts'
import { type BenchSettings, startGateway } from '../golden-server.ts'
import { isClean, type LoadFigures, runLoad } from '../load.ts'
import { ownDatabase } from '../own-database.ts'
import type { StartedServer } from '../started-server.ts'
import { startTraceSink } from '../trace-sink.ts'

/** What a measurement of instrumentation works with. */
export interface InstrumentationOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  readonly rounds: number
  readonly seconds: number
}

const ROUTES = [
  { name: 'POST /api/v1/budget/request', path: '/api/v1/budget/request', bodies: budgetBodies },
  { name: 'POST /api/v1/tasks', path: '/api/v1/tasks', bodies: taskBodies },
] as const

const CONNECTIONS = 64

type Name = 'traced' | 'quiet'
type Figures = Record<Name, LoadFigures[]>

/**
 * The gateway with traces of every request sent to a sink on this machine, beside one that traces nothing, in turns; lines
 * to print. Metrics are measured by both: they cannot be turned off.
 */
export async function measureInstrumentation(options: InstrumentationOptions): Promise<readonly string[]> {
  const { settings, databaseUrl } = options
  const sink = await startTraceSink()
  const servers: StartedServer[] = []
  const start = async (
    name: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<StartedServer> => {
    const own = { ...settings, environment: { ...settings.environment, ...environment } }
    const server = await startGateway(own, await ownDatabase(databaseUrl, name))
    servers.push(server)
    return server
  }
  try {
    const both = { traced: await start('traced', sink.environment), quiet: await start('quiet', {}) }
    const lines: string[] = []
    const aims: string[] = []
    for (const route of ROUTES) {
      const figures = await inTurns(both, options, route)
      lines.push(...Object.entries(figures).map(([name, all]) => line(route.name, name, all)))
      aims.push(...aimsOf(route.name, figures))
    }
    return [...lines, `${sink.exports()} exports, ${rounded(sink.bytes() / 1e6)} MB`, '', ...aims]
  } finally {
    for (const server of servers) await server.stop()
    await sink.stop()
  }
}

async function inTurns(
  servers: Readonly<Record<Name, StartedServer>>,
  { rounds, seconds, settings: { tokens } }: InstrumentationOptions,
  { path, bodies }: (typeof ROUTES)[number],
): Promise<Figures> {
  const figures: Figures = { traced: [], quiet: [] }
  // The first round warms both up.
  for (let round = 0; round <= rounds; round++) {
    const order: readonly Name[] = round % 2 === 0 ? ['traced', 'quiet'] : ['quiet', 'traced']
    for (const name of order) {
      const other = servers[name === 'traced' ? 'quiet' : 'traced']
      other.pause()
      try {
        const { address, pid } = servers[name]
        const load = { address, pid, path, tokens, seconds, connections: CONNECTIONS, body: bodies() }
        const found = await runLoad(load)
        if (round > 0) figures[name].push(found)
      } finally {
        other.resume()
      }
    }
  }
  return figures
}

function aimsOf(route: string, { traced, quiet }: Figures): readonly string[] {
  const isComparable = [...traced, ...quiet].every(isClean)
  const costs = (pick: (one: LoadFigures) => number): number =>
    median(traced.map((one, round) => pick(one) / pick(quiet[round] ?? one)))
  const lost = (1 - costs((one) => one.callsPerSecond)) * 100
  const more = (costs((one) => one.processorMicros) - 1) * 100
  const what = (figure: string): string => `% ${figure}, ${route}, ${CONNECTIONS} connections`
  return [
    aimLine({ what: what('of throughput'), goal: 5, isUpperBound: true }, isComparable ? lost : undefined),
    aimLine(
      { what: what('more of the processor'), goal: 5, isUpperBound: true },
      isComparable ? more : undefined,
    ),
  ]
}

function line(what: string, name: string, all: readonly LoadFigures[]): string {
  const of = (pick: (one: LoadFigures) => number): string => rounded(median(all.map(pick)))
  return (
    `${what.padEnd(30)} ${name.padEnd(7)} ${of((one) => one.callsPerSecond).padStart(7)}/s  ` +
    `p50 ${of((one) => one.p50Ms)} ms, p95 ${of((one) => one.p95Ms)} ms, ${of((one) => one.processorMicros)} µs of processor`
  )
}
