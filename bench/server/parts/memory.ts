import { rounded } from '../../rounded.ts'
import { aimLine, median } from '../aim.ts'
import { budgetBodies } from '../bodies.ts'
import { type BenchSettings, startGateway } from '../golden-server.ts'
import { runLoad, statusText } from '../load.ts'

/** What a long run works with. */
export interface MemoryOptions {
  readonly settings: BenchSettings
  readonly databaseUrl: string
  readonly minutes: number
}

const CONNECTIONS = 64
const SAMPLE_MS = 1000
const MEBIBYTE = 1024 * 1024

/** The memory of a server under a mixed load; lines to print. */
export async function measureMemory(options: MemoryOptions): Promise<readonly string[]> {
  const { settings, databaseUrl, minutes } = options
  const server = await startGateway(settings, databaseUrl)
  const samples: number[] = []
  const timer = setInterval(() => {
    const bytes = server.residentBytes()
    if (bytes !== undefined) samples.push(bytes / MEBIBYTE)
  }, SAMPLE_MS)
  try {
    const { address, pid } = server
    const { tokens } = settings
    const load = { address, pid, tokens, connections: CONNECTIONS, seconds: Math.ceil((minutes * 60) / 3) }
    const loads = [
      await runLoad({ ...load, path: '/api/v1/budget/request', body: budgetBodies() }),
      await runLoad({ ...load, path: '/api/v1/tasks?limit=20' }),
      // The first load again: a leak of either shows in the end.
      await runLoad({ ...load, path: '/api/v1/budget/request', body: budgetBodies() }),
    ]
    const third = Math.floor(samples.length / 3)
    // The first half of each third still grows to what it needs.
    const [first, last] = [samples.slice(third / 2, third), samples.slice(-third / 2)].map(median)
    return [
      ...loads.map((one) => `${rounded(one.callsPerSecond)}/s; ${statusText(one)}`),
      `after ${rounded(minutes / 3)} min ${rounded(first ?? Number.NaN)} MiB, after ${minutes} min ${rounded(last ?? Number.NaN)} MiB, at most ${rounded(Math.max(...samples))}`,
      '',
      aimLine(
        { what: '× its memory of before, in the end', goal: 1.1, isUpperBound: true },
        (last ?? Number.NaN) / (first ?? Number.NaN),
      ),
    ]
  } finally {
    clearInterval(timer)
    await server.stop()
  }
}
