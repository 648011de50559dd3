import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DockerBackend, type DockerRuntime } from '@golden-arch/sandbox/docker'
import Docker from 'dockerode'
import { hello, overshoot } from './backend-runs.ts'
import { type Contender, timed } from './contender.ts'

const run = promisify(execFile)
const SHELL = ['/bin/sh', '-c', 'echo 1']
const HARDENED = ['--network=none', '--read-only', '--cap-drop=ALL', '--memory=256m', '--user=65534:65534']
/** Time for a warm container to be there again before the next round. */
const REFILL_REST_MS = 1000
/** Another memory limit than the default is never met by a container that was started ahead. */
const COLD = { memoryLimitBytes: 257 * 1_048_576 }

/** The Docker backend with one runtime, warm and cold, beside `docker run` and `docker exec`. */
export async function dockerContenders(
  runtime: DockerRuntime,
  host: string,
  image: string,
): Promise<readonly Contender[]> {
  const docker = new Docker({ socketPath: new URL(host).pathname })
  const backend = new DockerBackend({ docker, runtime, images: { python: { image }, shell: { image } } })
  await backend.prepare()
  const command = (args: readonly string[]): Promise<unknown> => run('docker', ['--host', host, ...args])
  const name = `bench-${runtime}`
  const create = ['run', '--detach', `--runtime=${runtime}`, `--name=${name}`, ...HARDENED, image]
  await command([...create, '/bin/sleep', '86400'])
  return [
    {
      name: `${runtime}: Docker backend, warm, python`,
      once: () => hello(backend, 'python'),
      overshoot: () => overshoot(backend, 'python'),
      restMs: REFILL_REST_MS,
      close: () => backend.close(),
    },
    {
      name: `${runtime}: Docker backend, warm, shell`,
      once: () => hello(backend, 'shell'),
      restMs: REFILL_REST_MS,
    },
    {
      name: `${runtime}: Docker backend, cold, shell`,
      once: () => hello(backend, 'shell', COLD),
      restMs: REFILL_REST_MS,
    },
    {
      name: `${runtime}: docker run`,
      once: () => timed(() => command(['run', '--rm', `--runtime=${runtime}`, ...HARDENED, image, ...SHELL])),
    },
    { name: `${runtime}: docker exec`, once: () => timed(() => command(['exec', name, ...SHELL])) },
  ]
}
