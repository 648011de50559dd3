import { accessSync } from 'node:fs'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import type { Programs } from '../programs/programs.ts'
import type { ServerRecipe } from '../server/private-server.ts'

const ANSWER_LIMIT_MS = 5_000
const HELPERS = ['containerd', 'runc', 'runsc'] as const

/** A Docker engine's socket, known once the engine has a folder. */
export interface DockerSocket {
  path: string
}

/**
 * A Docker engine with a root, state and socket of its own, without any network, that knows gVisor as the runtime `runsc`.
 * gVisor is given no network either: the oldest release in use refuses to start in the engine's own otherwise.
 */
export function dockerRecipe(programs: Programs, socket: DockerSocket): ServerRecipe {
  const beside = join(dirname(programs.folder), programs.folder.endsWith('/sbin') ? 'bin' : 'sbin')
  const folders = [programs.folder, beside, '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  return {
    name: 'docker',
    file: join(programs.folder, 'dockerd'),
    libraryPath: programs.libraryPath,
    searchPath: folders.join(':'),
    needsRoot: true,
    async prepare() {
      if (process.getuid?.() !== 0) throw new Error('an engine of our own needs root')
      for (const program of HELPERS) programPath(program, folders)
    },
    argumentsFor(folder) {
      socket.path = join(folder.path, 'docker.sock')
      const runsc = {
        path: programPath('runsc', folders),
        runtimeArgs: ['--platform=ptrace', '--network=none'],
      }
      const configuration = { runtimes: { runsc }, 'shutdown-timeout': 1, 'log-level': 'error' }
      return [
        ...['--config-file', folder.writePrivateFile('daemon.json', JSON.stringify(configuration))],
        ...['--data-root', join(folder.path, 'root'), '--exec-root', join(folder.path, 'exec')],
        ...['--pidfile', join(folder.path, 'docker.pid'), '--host', `unix://${socket.path}`],
        ...['--iptables=false', '--ip6tables=false', '--bridge=none'],
      ]
    },
    askVersion: () => askDockerVersion(dockerAddress(socket)),
  }
}

/** The address of an engine of ours. */
export function dockerAddress(socket: DockerSocket): string {
  return `unix://${socket.path}`
}

/** The version of the engine at an address, such as `20.10.24`. */
export async function askDockerVersion(address: string): Promise<string> {
  // The engine's answer, of which one member is read.
  const { Version = '' } = JSON.parse(await askDocker(address, 'GET', '/version')) as { Version?: string }
  return /^[\d.]+/.exec(Version)?.[0] ?? ''
}

/** Sends one request to an engine and returns the text of its answer; throws for a status other than success. */
export function askDocker(
  address: string,
  method: 'GET' | 'POST',
  path: string,
  body?: NodeJS.ReadableStream,
  timeLimitMs: number = ANSWER_LIMIT_MS,
): Promise<string> {
  if (!address.startsWith('unix:///')) throw new Error('the address must start with unix:///')
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath: address.slice('unix://'.length), path, method, timeout: timeLimitMs },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answer.once('error', reject)
        answer.once('end', () => {
          if ((answer.statusCode ?? 500) < 300) resolve(text)
          else reject(new Error(`the engine answered ${answer.statusCode}: ${text.trim()}`))
        })
      },
    )
    asking.once('error', reject)
    asking.once('timeout', () => asking.destroy(new Error('the engine does not answer')))
    if (body === undefined) asking.end()
    else body.pipe(asking)
  })
}

function programPath(program: string, folders: readonly string[]): string {
  for (const folder of folders) {
    const path = join(folder, program)
    try {
      accessSync(path)
      return path
    } catch {
      // In the next folder, perhaps.
    }
  }
  throw new Error(`${program} is not installed`)
}
