import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type Docker from 'dockerode'
import { readExpectations, readTaskFolder } from '../../examples/reference-server/src/demo/corpus.ts'
import { openDatabase } from '../../examples/reference-server/src/open-database.ts'
import type { ServerRole } from '../../examples/reference-server/src/server-role.ts'
import type { CodingTask } from '../../examples/reference-server/src/services/orchestrator/coding-task.ts'
import { ChaosClient } from '../../examples/reference-server/src/testing/chaos/chaos-client.ts'
import type { ChaosReport } from '../../examples/reference-server/src/testing/chaos/chaos-run.ts'
import { untilNothingWaits } from '../../examples/reference-server/src/testing/chaos/chaos-services.ts'
import { checkChaos } from '../../examples/reference-server/src/testing/chaos/check-chaos.ts'
import { whatWaits } from '../../examples/reference-server/src/testing/chaos/drained-messages.ts'
import { openSurroundings } from './container-surroundings.ts'
import { ServerContainers } from './server-containers.ts'

/** What is run, and who dies in the middle of it. */
export interface DemoInContainers {
  readonly docker: Docker
  readonly image: string
  readonly killed: readonly ServerRole[]
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

const DEMO = join(import.meta.dirname, '../../examples/reference-server/demo')
/** Half of the calls take so long that a kill meets some of them on their way. */
const MODEL_ARGUMENTS = ['--faults', 'slow=0.5', '--slow-ms', '1500']
const DONE_BEFORE_KILL = 6
const DONE_BETWEEN_KILLS = 2
const PAUSE_MS = 100
const MEASURE_MS = 1000
const MIB = 2 ** 20

/**
 * Runs the tasks of the demo through containers of the server's image, one for each service, as the manifests of Kubernetes
 * have them, on one network, and kills some in the middle. Holds what is left against a calm run.
 */
export async function runDemoInContainers(run: DemoInContainers): Promise<ChaosReport> {
  const { say, signal } = run
  const around = await openSurroundings(run.docker, MODEL_ARGUMENTS)
  const containers = new ServerContainers(run.docker, { ...around.place, image: run.image })
  const measuring = new AbortController()
  try {
    const migratedMs = await elapsedMs(() => containers.migrate())
    say('the Job has migrated')
    await containers.start()
    say('six containers are ready')
    const opened = await openDatabase({ url: around.postgres.address, folder: '' }, silentLogger)
    try {
      const measured = measureUntil(measuring.signal, containers)
      const tasks = readTaskFolder(DEMO)
      const client = new ChaosClient(containers, around.password)
      let waiting: readonly string[] = []
      const services = { ...around, servers: [], opened, stop: async () => undefined }
      const workedMs = await elapsedMs(async () => {
        await postAll(client, tasks, signal)
        say(`${tasks.length} tasks are posted`)
        await killEach(containers, opened.database, run)
        waiting = await untilNothingWaits(() => whatWaits(services), signal)
      })
      say('nothing waits any more')
      await containers.whenHealthy(signal)
      measuring.abort()
      await measured
      const unordered = await containers.stop()
      const found = await checkChaos(services, { tasks, expectations: readExpectations(DEMO) })
      return {
        figures: {
          'migrations, seconds': seconds(migratedMs),
          'from start to ready, seconds': listed(containers.startsMs, seconds),
          'most memory, MiB': listed([...containers.memoryBytes], (bytes) => String(Math.round(bytes / MIB))),
          'containers killed': run.killed.join(', '),
          'from the first task to the last word, seconds': seconds(workedMs),
          'posts repeated': client.repeats,
          ...found.figures,
        },
        problems: [
          ...waiting.map((one) => `in the end there waited ${one}`),
          ...unordered,
          ...found.problems,
        ],
      }
    } finally {
      await opened.close()
    }
  } finally {
    measuring.abort()
    await containers.destroy()
    await around.close()
  }
}

async function postAll(
  client: ChaosClient,
  [first, ...others]: readonly CodingTask[],
  signal: AbortSignal,
): Promise<void> {
  // The first signs in for all.
  if (first !== undefined) await client.post(first, signal)
  await Promise.all(others.map((task) => client.post(task, signal)))
}

/** Kills one after the other while tasks come to their ends, and starts each again. */
async function killEach(
  containers: ServerContainers,
  database: SqlDatabase,
  { killed, say, signal }: DemoInContainers,
): Promise<void> {
  for (const [turn, role] of killed.entries()) {
    await untilDone(database, DONE_BEFORE_KILL + DONE_BETWEEN_KILLS * turn, signal)
    await containers.kill(role)
    say(`${role} is killed`)
    await containers.resume(role)
    say(`${role} is ready again`)
  }
}

/** Waits until so many tasks have come to their end. */
async function untilDone(database: SqlDatabase, count: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ done: bigint }>(
      "SELECT count(*) AS done FROM tasks WHERE status IN ('completed', 'escalated')",
    )
    if (Number(rows[0]?.done) >= count) return
    await delay(PAUSE_MS, undefined, { signal })
  }
}

async function measureUntil(signal: AbortSignal, containers: ServerContainers): Promise<void> {
  while (!signal.aborted) {
    // What is killed right now has no memory.
    await containers.measure().catch(() => undefined)
    await delay(MEASURE_MS, undefined, { signal }).catch(() => undefined)
  }
}

function listed(
  figures: readonly (readonly [ServerRole, number])[],
  text: (figure: number) => string,
): string {
  return figures.map(([role, figure]) => `${role} ${text(figure)}`).join(', ')
}

async function elapsedMs(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
