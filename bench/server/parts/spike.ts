import { rounded } from '../../rounded.ts'
import { aimLine } from '../aim.ts'
import { budgetBodies } from '../bodies.ts'
import { type BenchSettings, startGateway } from '../golden-server.ts'
import { type LoadFigures, runLoad, statusText } from '../load.ts'

/** What a measurement of a spike works with. */
export interface SpikeOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  readonly seconds: number
}

const USUAL = 100
const SPIKE = 1000
const LIMITED_CALLS = 40
const PATH = '/api/v1/budget/request'
const EXPECTED: ReadonlySet<number> = new Set([200, 429, 503])

/** Ten times the load for a while, beside a person with the usual limit; lines to print. */
export async function measureSpike(options: SpikeOptions): Promise<readonly string[]> {
  const { settings, databaseUrl, seconds } = options
  const server = await startGateway(settings, databaseUrl)
  try {
    const { address, pid } = server
    const load = (connections: number): Promise<LoadFigures> =>
      runLoad({
        ...{ address, pid, path: PATH, tokens: settings.tokens, connections, seconds },
        body: budgetBodies(),
      })
    await load(USUAL)
    const before = await load(USUAL)
    const [during, refusals] = await Promise.all([load(SPIKE), limitedCalls(address, settings.limitedToken)])
    const after = await load(USUAL)
    const named = { before, during, after }
    const unexpected = Object.values(named).reduce((sum, one) => sum + unexpectedOf(one), 0)
    const lines = Object.entries(named).map(
      ([name, one]) =>
        `${name.padEnd(7)} ${rounded(one.callsPerSecond)}/s, p95 ${rounded(one.p95Ms)} ms; ${statusText(one)}`,
    )
    return [
      ...lines,
      `beside it, ${refusals.refused} of ${LIMITED_CALLS} calls of one observer were refused, ${refusals.told} of them with Retry-After`,
      '',
      aimLine({ what: 'other than 200, 429, 503', goal: 0, isUpperBound: true }, unexpected),
      aimLine(
        { what: 'refusals without Retry-After', goal: 0, isUpperBound: true },
        refusals.refused - refusals.told,
      ),
      aimLine(
        { what: '× the p95 of before, right after', goal: 1.5, isUpperBound: true },
        after.p95Ms / before.p95Ms,
      ),
    ]
  } finally {
    await server.stop()
  }
}

function unexpectedOf({ statuses, failures }: LoadFigures): number {
  const others = [...statuses].filter(([status]) => !EXPECTED.has(status))
  return others.reduce((sum, [, count]) => sum + count, failures)
}

async function limitedCalls(
  address: string,
  token: string,
): Promise<{ readonly refused: number; readonly told: number }> {
  let [refused, told] = [0, 0]
  for (let call = 0; call < LIMITED_CALLS; call++) {
    const answer = await fetch(`${address}/api/v1/tasks?limit=1`, {
      headers: { authorization: `Bearer ${token}` },
    })
    await answer.text()
    if (answer.status !== 429 && answer.status !== 503) continue
    refused++
    if (Number(answer.headers.get('retry-after')) > 0) told++
  }
  return { refused, told }
}
