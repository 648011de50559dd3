/**
 * The time of one small program, from the call to its whole result: on the Docker backend, cold and warm, with runc and
 * with gVisor, beside `docker run`, `docker exec` and a bare process. Interleaved; figures are printed, never asserted.
 * Usage: node --conditions=golden-arch-source bench/sandbox/compare.ts [rounds, default 30]
 */

import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ExecutionLimits, SandboxLanguage } from '@golden-arch/sandbox'
import { DockerBackend, type DockerRuntime } from '@golden-arch/sandbox/docker'
import { dockerImage, startDocker } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { rounded } from '../rounded.ts'

const run = promisify(execFile)
const SHELL = ['/bin/sh', '-c', 'echo 1']
const HARDENED = ['--network=none', '--read-only', '--cap-drop=ALL', '--memory=256m', '--user=65534:65534']
/** Time for a warm container to be there again before the next round. */
const REFILL_PAUSE_MS = 1000

interface Contender {
  readonly name: string
  once(): Promise<unknown>
}

async function oneProgram(
  backend: DockerBackend,
  language: SandboxLanguage,
  code: string,
  limits: ExecutionLimits,
): Promise<void> {
  const program = { language, code, limits }
  const lease = await backend.acquire(program)
  const outcome = await lease.run(program, new AbortController().signal)
  lease.release()
  if (outcome.stdout !== '1\n') throw new Error(`${backend.id} gave ${outcome.status}: ${outcome.stderr}`)
}

async function contendersOf(
  runtime: DockerRuntime,
  host: string,
  image: string,
  backend: DockerBackend,
): Promise<Contender[]> {
  const plain = backend.resolveLimits({ timeoutMs: 60_000 })
  // Another memory limit than the default is never met by a container that was started ahead.
  const cold = backend.resolveLimits({
    timeoutMs: 60_000,
    memoryLimitBytes: plain.memoryLimitBytes + 1_048_576,
  })
  const docker = (args: readonly string[]): Promise<unknown> => run('docker', ['--host', host, ...args])
  const name = `bench-${runtime}`
  await docker([
    'run',
    '--detach',
    `--runtime=${runtime}`,
    `--name=${name}`,
    ...HARDENED,
    image,
    '/bin/sleep',
    '86400',
  ])
  return [
    {
      name: `${runtime}: Docker backend, warm, python`,
      once: () => oneProgram(backend, 'python', 'print(1)', plain),
    },
    {
      name: `${runtime}: Docker backend, warm, shell`,
      once: () => oneProgram(backend, 'shell', 'echo 1', plain),
    },
    {
      name: `${runtime}: Docker backend, cold, shell`,
      once: () => oneProgram(backend, 'shell', 'echo 1', cold),
    },
    {
      name: `${runtime}: docker run`,
      once: () => docker(['run', '--rm', `--runtime=${runtime}`, ...HARDENED, image, ...SHELL]),
    },
    { name: `${runtime}: docker exec`, once: () => docker(['exec', name, ...SHELL]) },
  ]
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

const rounds = Number(process.argv[2] ?? 30)
const engine = await startDocker()
try {
  const docker = new Docker({ socketPath: new URL(engine.address).pathname })
  const image = await dockerImage(engine.address, 'python')
  const contenders: Contender[] = [{ name: 'a bare process', once: () => run('/bin/sh', SHELL.slice(1)) }]
  const backends: DockerBackend[] = []
  for (const runtime of ['runc', 'runsc'] as const) {
    const backend = new DockerBackend({ docker, runtime, images: { python: { image }, shell: { image } } })
    await backend.prepare()
    backends.push(backend)
    contenders.push(...(await contendersOf(runtime, engine.address, image, backend)))
  }
  const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, once } of contenders) {
      const startedAt = performance.now()
      await once()
      figures.get(name)?.push(performance.now() - startedAt)
      if (name.includes('backend')) await pause(REFILL_PAUSE_MS)
    }
  }
  console.log(`milliseconds, ${rounds} rounds, interleaved`)
  console.table(
    [...figures].map(([name, all]) => {
      const sorted = all.sort((left, right) => left - right)
      return {
        contender: name,
        least: rounded(sorted[0] ?? Number.NaN),
        p50: rounded(quantile(sorted, 0.5)),
        p99: rounded(quantile(sorted, 0.99)),
      }
    }),
  )
  for (const [runtime, aimMs] of [
    ['runsc', 20],
    ['runc', 10],
  ] as const) {
    const p50 = quantile(figures.get(`${runtime}: Docker backend, warm, python`) ?? [], 0.5)
    console.log(
      `warm ${runtime} within ${aimMs} ms p50: ${p50 <= aimMs ? 'reached' : 'missed'} (${rounded(p50)})`,
    )
  }
  await Promise.all(backends.map((backend) => backend.close()))
} finally {
  await engine.stop()
}
