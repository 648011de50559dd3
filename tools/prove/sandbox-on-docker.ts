/**
 * Proves that nothing gets out of a container and nothing is left behind: the whole table of abuses with runc and with
 * gVisor, after each a harmless program; then 200 executions at once, all answered. In the end no container is left.
 * Usage: node --conditions=golden-arch-source tools/prove/sandbox-on-docker.ts [part of a title]
 */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { DockerBackend } from '@golden-arch/sandbox/docker'
import { dockerImage, startDocker } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { PROGRAM_ABUSES } from '../../packages/sandbox/src/testing/program-abuse.ts'
import { tryAbuse } from '../../packages/sandbox/src/testing/try-abuse.ts'

interface Holdings {
  readonly containers: number
  readonly volumes: number
  readonly diskMib: number
  readonly memoryMib: number
}

const AT_ONCE = 200
const MOST_DISK_MIB = 16
const MOST_MEMORY_MIB = 64
const logger: Logger = {
  ...silentLogger,
  warn: ({ err }: { err?: unknown }, message) =>
    console.log(message, err instanceof Error ? err.message : ''),
}
setFlagsFromString('--expose-gc')
// Safe: with that flag every new context has it.
const collectGarbage = runInNewContext('gc') as () => void
const wanted = process.argv[2] ?? ''
const abuses = PROGRAM_ABUSES.filter(({ title }) => title.includes(wanted))
const engine = await startDocker()
const failures: string[] = []
const rows: Record<string, Record<string, string>> = {}

/** What the engine and this process hold, garbage aside. */
async function holdings(docker: Docker): Promise<Holdings> {
  collectGarbage()
  // The engine's answer, of which one member is read.
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir: string }
  // It fails for what is being removed under its eyes, and counts the rest all the same.
  const counted = promisify(execFile)('du', ['-sm', DockerRootDir])
  const { stdout } = await counted.catch((error: { stdout: string }) => error)
  return {
    containers: (await docker.listContainers({ all: true })).length,
    volumes: (await docker.listVolumes()).Volumes?.length ?? 0,
    diskMib: Number.parseInt(stdout, 10),
    memoryMib: Math.round(process.memoryUsage().rss / 1_048_576),
  }
}

function count(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

try {
  const docker = new Docker({ socketPath: new URL(engine.address).pathname })
  const image = await dockerImage(engine.address, 'python')
  for (const runtime of ['runc', 'runsc'] as const) {
    const images = { python: { image }, shell: { image } }
    const backend = new DockerBackend({ docker, runtime, images, maxConcurrency: 4, logger })
    await backend.prepare()
    for (const abuse of abuses) {
      const startedAt = performance.now()
      const { outcome, failure } = await tryAbuse(backend, abuse)
      const row = rows[abuse.title] ?? {}
      row[runtime] = failure === undefined ? outcome.status : `FAILED: ${outcome.status}`
      row[`${runtime} seconds`] = ((performance.now() - startedAt) / 1000).toFixed(1)
      rows[abuse.title] = row
      if (failure !== undefined) failures.push(`${runtime}: ${abuse.title}: ${failure}`)
    }
    const executor = new SandboxExecutor({ backend, maxQueueLength: AT_ONCE / 2, maxQueueWaitMs: 600_000 })
    const before = await holdings(docker)
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        executor
          .execute({
            executionId: `run-${index}`,
            tenantId: 'proof',
            language: 'shell',
            code: `echo ${index}`,
          })
          .then(({ status, stdout }) => (stdout === `${index}\n` ? status : 'mixed up'))
          // What a sandbox refuses or fails with carries a code.
          .catch((error: { code?: string }) => error.code ?? 'no code'),
      ),
    )
    const counts = count(answers)
    const completed = counts.completed ?? 0
    console.log(`${runtime}: ${AT_ONCE} at once`, counts, backend.stats)
    if (completed + (counts.QUEUE_FULL ?? 0) !== AT_ONCE || completed < AT_ONCE / 2) {
      failures.push(`${runtime}: not all of ${AT_ONCE} were answered`)
    }
    await executor.close()
    await backend.close()
    const after = await holdings(docker)
    console.log(`${runtime}: before`, before, 'and after', after)
    if (after.containers > 0) failures.push(`${runtime}: ${after.containers} containers were left`)
    if (after.volumes > 0) failures.push(`${runtime}: ${after.volumes} volumes were left`)
    if (after.diskMib > before.diskMib + MOST_DISK_MIB)
      failures.push(`${runtime}: the engine's disk has grown`)
    if (after.memoryMib > before.memoryMib + MOST_MEMORY_MIB) failures.push(`${runtime}: memory has grown`)
  }
} finally {
  await engine.stop()
}
console.table(rows)
for (const failure of failures) console.log(failure)
console.log(`${abuses.length} abuses on two runtimes, ${failures.length} failures`)
if (failures.length > 0) process.exitCode = 1
