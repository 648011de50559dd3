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

/** With every request traced, with one in ten, with one in a hundred, with none. */
const NAMES = ['traced', 'sampled', 'rare', 'quiet'] as const
type Name = (typeof NAMES)[number]
type Figures = Record<Name, LoadFigures[]>

function oneIn(requests: number): Readonly<Record<string, string>> {
  return { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: String(1 / requests) }
}

/**
 * The gateway with traces of every request, of one in ten and of one in a hundred, sent to a sink on this machine, beside one
 * that traces nothing, in turns; lines to print. All measure metrics, which cannot be turned off.
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
    const gateways = {
      traced: await start('traced', sink.environment),
      sampled: await start('sampled', { ...sink.environment, ...oneIn(10) }),
      rare: await start('rare', { ...sink.environment, ...oneIn(100) }),
      quiet: await start('quiet', {}),
    }
    const lines: string[] = []
    const aims: string[] = []
    for (const route of ROUTES) {
      const figures = await inTurns(gateways, options, route)
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
  const figures: Figures = { traced: [], sampled: [], rare: [], quiet: [] }
  // The first round warms both up.
  for (let round = 0; round <= rounds; round++) {
    // Each comes first in its turn: what a machine does beside it falls on all alike.
    const order = NAMES.map((_, index) => NAMES[(index + round) % NAMES.length] ?? 'quiet')
    for (const name of order) {
      const others = NAMES.filter((other) => other !== name).map((other) => servers[other])
      for (const other of others) other.pause()
      try {
        const { address, pid } = servers[name]
        const load = { address, pid, path, tokens, seconds, connections: CONNECTIONS, body: bodies() }
        const found = await runLoad(load)
        if (round > 0) figures[name].push(found)
      } finally {
        for (const other of others) other.resume()
      }
    }
  }
  return figures
}

function aimsOf(route: string, figures: Figures): readonly string[] {
  return (['traced', 'sampled', 'rare'] as const).flatMap((name) => {
    const [some, none] = [figures[name], figures.quiet]
    const isComparable = [...some, ...none].every(isClean)
    const ratioOf = (pick: (one: LoadFigures) => number): number =>
      median(some.map((one, round) => pick(one) / pick(none[round] ?? one)))
    const lost = (1 - ratioOf((one) => one.callsPerSecond)) * 100
    const more = (ratioOf((one) => one.processorMicros) - 1) * 100
    const aim = (what: string, percent: number): string =>
      aimLine(
        { what: `% ${what}, ${route}, ${name}`, goal: 5, isUpperBound: true },
        isComparable ? percent : undefined,
      )
    return [aim('of throughput', lost), aim('more of the processor', more)]
  })
}

function line(what: string, name: string, all: readonly LoadFigures[]): string {
  const of = (pick: (one: LoadFigures) => number): string => rounded(median(all.map(pick)))
  return (
    `${what.padEnd(30)} ${name.padEnd(7)} ${of((one) => one.callsPerSecond).padStart(7)}/s  ` +
    `p50 ${of((one) => one.p50Ms)} ms, p95 ${of((one) => one.p95Ms)} ms, ${of((one) => one.processorMicros)} µs of processor`
  )
}
