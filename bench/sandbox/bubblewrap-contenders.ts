import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BubblewrapBackend } from '@golden-arch/sandbox/bubblewrap'
import { hello, overshoot } from './backend-runs.ts'
import { type Contender, timed } from './contender.ts'

const run = promisify(execFile)
const PYTHON = '/usr/bin/python3.11'
/** Time for a warm sandbox to be there again before the next round. */
const REFILL_REST_MS = 200
/** Another memory limit than the default is never met by a sandbox that was started ahead. */
const COLD = { memoryLimitBytes: 257 * 1_048_576 }

/** As the backend starts it: for root, a user namespace is made on top of all others. */
const asNobody = (): object => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534, cwd: '/' } : {})

/** The bubblewrap backend, warm and cold, beside bubblewrap alone with the same interpreter and no limits. */
export async function bubblewrapContenders(address: string, root: string): Promise<readonly Contender[]> {
  const bwrapPath = fileURLToPath(address)
  const backend = new BubblewrapBackend({
    bwrapPath,
    languages: { python: { root, interpreter: PYTHON } },
  })
  await backend.prepare()
  const mounts = ['usr', 'lib', 'lib64', 'bin'].flatMap((name) => [
    '--ro-bind-try',
    join(root, name),
    `/${name}`,
  ])
  const bare = [
    '--unshare-all',
    '--die-with-parent',
    ...mounts,
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
  ]
  return [
    {
      name: 'bubblewrap backend, warm, python',
      once: () => hello(backend, 'python'),
      overshoot: () => overshoot(backend, 'python'),
      restMs: REFILL_REST_MS,
      close: () => backend.close(),
    },
    {
      name: 'bubblewrap backend, cold, python',
      once: () => hello(backend, 'python', COLD),
      restMs: REFILL_REST_MS,
    },
    {
      name: 'bare bwrap, python',
      once: () => timed(() => run(bwrapPath, [...bare, PYTHON, '-I', '-S', '-c', 'print(1)'])),
    },
    {
      name: 'bare bwrap as nobody, python',
      once: () => timed(() => run(bwrapPath, [...bare, PYTHON, '-I', '-S', '-c', 'print(1)'], asNobody())),
    },
  ]
}
