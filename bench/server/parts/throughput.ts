import { rounded } from '../../rounded.ts'
import { aimLine, median } from '../aim.ts'
import { budgetBodies, taskBodies } from '../bodies.ts'
import type { BenchSettings } from '../golden-server.ts'
import { startGateway } from '../golden-server.ts'
import { isClean, type LoadFigures, runLoad, statusText } from '../load.ts'
import { ownDatabase } from '../own-database.ts'
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
  {
    name: 'POST /api/v1/budget/request',
    path: '/api/v1/budget/request',
    bodies: budgetBodies,
    paced: [1000],
  },
  // A thousand tasks a second are more than this machine writes: the second is about half of what it does.
  { name: 'POST /api/v1/tasks', path: '/api/v1/tasks', bodies: taskBodies, paced: [1000, 200] },
] as const

/** Connections from which on the time of an answer is aimed at too. */
const MANY_CONNECTIONS = 1000

/**
 * Both routes beside a bare Fastify with the same schema and the same write, in turns; lines to print. Each has a database
 * of its own and stands still in the other's turn: what the reference server still has to do then is paid in its own.
 */
export async function measureThroughput(options: ThroughputOptions): Promise<readonly string[]> {
  const { settings, databaseUrl } = options
  const golden = await startGateway(settings, databaseUrl)
  const bare = await startServer({
    program: 'bench/server/compare.ts',
    arguments: ['--bare', await ownDatabase(databaseUrl, 'bare')],
    environment: {},
  })
  try {
    const lines: string[] = []
    const aims: string[] = []
    for (const route of ROUTES) {
      for (const connections of options.connections) {
        const figures = await inTurns({ golden, bare }, options, route, { connections })
        lines.push(...linesOf(`${route.name}, ${connections}`, figures))
        aims.push(ratioAim(`${route.name}, ${connections} connections`, figures))
        if (connections < MANY_CONNECTIONS) continue
        aims.push(delayAim(`${route.name}, ${connections} connections as fast as they can`, figures.golden))
        for (const callers of route.paced) {
          const pace = { connections: callers, rate: callers }
          const paced = await inTurns({ golden, bare }, options, route, pace)
          lines.push(...linesOf(`  ${callers} each once a second`, paced))
          aims.push(delayAim(`${route.name}, ${callers} connections, each once a second`, paced.golden))
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
  pace: { readonly connections: number; readonly rate?: number },
): Promise<Figures> {
  const figures: Figures = { golden: [], bare: [] }
  // The first round warms both up.
  for (let round = 0; round <= rounds; round++) {
    for (const name of ['golden', 'bare'] as const) {
      const other = servers[name === 'golden' ? 'bare' : 'golden']
      other.pause()
      try {
        const { address, pid } = servers[name]
        const found = await runLoad({ address, pid, path, tokens, seconds, body: bodies(), ...pace })
        if (round > 0) figures[name].push(found)
      } finally {
        other.resume()
      }
    }
  }
  return figures
}

function ratioAim(what: string, { golden, bare }: Figures): string {
  const isComparable = [...golden, ...bare].every(isClean)
  const speedOf = (all: readonly LoadFigures[]): number => median(all.map((one) => one.callsPerSecond))
  const aim = { what: `× a bare Fastify, ${what}`, goal: 0.7 }
  return aimLine(aim, isComparable ? speedOf(golden) / speedOf(bare) : undefined)
}

function delayAim(what: string, all: readonly LoadFigures[]): string {
  const aim = { what: `ms p95, ${what}`, goal: 100, isUpperBound: true }
  return aimLine(aim, all.every(isClean) ? median(all.map((one) => one.p95Ms)) : undefined)
}

function linesOf(what: string, figures: Figures): readonly string[] {
  return Object.entries(figures).map(([name, all]) => line(what, name, all))
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
