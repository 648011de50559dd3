import { rounded } from '../../rounded.ts'
import { aimLine, median } from '../aim.ts'
import { budgetBodies, taskBodies } from '../bodies.ts'
import type { BenchSettings } from '../golden-server.ts'
import { startGateway } from '../golden-server.ts'
import { type LoadFigures, runLoad, statusText } from '../load.ts'
import { type StartedServer, startServer } from '../started-server.ts'

/** What a measurement of throughput works with. */
export interface ThroughputOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  readonly rounds: number
  readonly seconds: number
  readonly connections: readonly number[]
}

const ROUTES = [
  { name: 'POST /api/v1/budget/request', path: '/api/v1/budget/request', bodies: budgetBodies },
  { name: 'POST /api/v1/tasks', path: '/api/v1/tasks', bodies: taskBodies },
] as const

/** Both routes beside a bare Fastify with the same schema and the same write, in turns; lines to print. */
export async function measureThroughput(options: ThroughputOptions): Promise<readonly string[]> {
  const { settings, databaseUrl } = options
  const golden = await startGateway(settings, databaseUrl)
  const bare = await startServer({
    program: 'bench/server/compare.ts',
    arguments: ['--bare', databaseUrl],
    environment: {},
  })
  try {
    const lines: string[] = []
    const aims: string[] = []
    for (const route of ROUTES) {
      for (const connections of options.connections) {
        const figures = await inTurns({ golden, bare }, options, route, connections)
        for (const [name, all] of Object.entries(figures))
          lines.push(line(`${route.name}, ${connections}`, name, all))
        const speedOf = (all: readonly LoadFigures[]): number => median(all.map((one) => one.callsPerSecond))
        const what = `× a bare Fastify, ${route.name}, ${connections} connections`
        aims.push(aimLine({ what, goal: 0.7 }, speedOf(figures.golden) / speedOf(figures.bare)))
        if (connections >= 1000 && route.bodies === budgetBodies) {
          const p95 = median(figures.golden.map((one) => one.p95Ms))
          const aim = { what: `ms p95, ${route.name}, ${connections} connections`, goal: 100 }
          aims.push(aimLine({ ...aim, isUpperBound: true }, p95))
        }
      }
    }
    return [...lines, '', ...aims]
  } finally {
    await golden.stop()
    await bare.stop()
  }
}

type Figures = Record<'golden' | 'bare', LoadFigures[]>

async function inTurns(
  servers: Readonly<Record<'golden' | 'bare', StartedServer>>,
  { rounds, seconds, settings: { tokens } }: ThroughputOptions,
  { path, bodies }: (typeof ROUTES)[number],
  connections: number,
): Promise<Figures> {
  const figures: Figures = { golden: [], bare: [] }
  // The first round warms both up.
  for (let round = 0; round <= rounds; round++) {
    for (const name of ['golden', 'bare'] as const) {
      const { address, pid } = servers[name]
      const found = await runLoad({ address, pid, path, tokens, connections, seconds, body: bodies() })
      if (round > 0) figures[name].push(found)
    }
  }
  return figures
}

function line(what: string, name: string, all: readonly LoadFigures[]): string {
  const of = (pick: (one: LoadFigures) => number): string => rounded(median(all.map(pick)))
  if (all.every(({ statuses }) => statuses.size === 0))
    return `${what.padEnd(34)} ${name.padEnd(7)} no answer in time`
  return (
    `${what.padEnd(34)} ${name.padEnd(7)} ${of((one) => one.callsPerSecond).padStart(7)}/s  ` +
    `p50 ${of((one) => one.p50Ms)} ms, p95 ${of((one) => one.p95Ms)} ms, p99 ${of((one) => one.p99Ms)} ms, ` +
    `${of((one) => one.processorMicros)} µs of processor; ${all.map(statusText).join(' | ')}`
  )
}
