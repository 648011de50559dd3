import { execFile } from 'node:child_process'
import { type RequestOptions, request } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { promisify } from 'node:util'
import type { SandboxFacts } from './sandbox-findings.ts'

const TIMEOUT_MS = 5000
const MAX_ANSWER_LENGTH = 1_048_576
const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock'

/** Looks at what this machine has: asks the Docker engine that `DOCKER_HOST` names, and bubblewrap for its version. */
export async function readSandboxFacts(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SandboxFacts> {
  const [docker, bubblewrap] = await Promise.all([
    readDocker(environment.DOCKER_HOST?.trim() || DEFAULT_DOCKER_HOST),
    readBubblewrap(),
  ])
  return { docker, bubblewrap }
}

async function readDocker(host: string): Promise<SandboxFacts['docker']> {
  try {
    const info: unknown = JSON.parse(await get(host, '/info'))
    if (typeof info !== 'object' || info === null || !('ServerVersion' in info))
      return { absent: 'no engine' }
    const runtimes = 'Runtimes' in info ? Object.keys(info.Runtimes ?? {}) : []
    return { version: String(info.ServerVersion), runtimes }
  } catch (error) {
    return { absent: error instanceof Error ? error.message : String(error) }
  }
}

function get(host: string, path: string): Promise<string> {
  const target = host.startsWith('unix://') ? { socketPath: host.slice('unix://'.length) } : placeOf(host)
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const asked = request({ ...target, path, signal }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
        if (text.length > MAX_ANSWER_LENGTH) asked.destroy(new Error('the answer is too long'))
      })
      answer.on('end', () => resolve(text))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}

function placeOf(text: string): RequestOptions {
  // Without the brackets of an IPv6 address, which no socket knows.
  const { protocol, hostname, port } = urlToHttpOptions(new URL(text))
  if (protocol !== 'tcp:' && protocol !== 'http:') throw new Error(`${protocol}// cannot be asked from here`)
  return { hostname, port: port || 2375 }
}

async function readBubblewrap(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('bwrap', ['--version'], { timeout: TIMEOUT_MS })
    return /\d+(\.\d+)+/.exec(stdout)?.[0]
  } catch {
    return undefined
  }
}
