import { dockerImage } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { beforeAll } from 'vitest'
import { abuseInGVisor } from '../../testing/abuse-in-gvisor.ts'
import { describeProgramAbuse } from '../../testing/program-abuse.contract.ts'
import { describeProgramBackend } from '../../testing/program-backend.contract.ts'
import { describeProgramSession } from '../../testing/program-session.contract.ts'
import { describeSessionBackend } from '../../testing/session-backend.contract.ts'
import { DockerBackend } from './docker-backend.ts'
import type { DockerRuntime } from './docker-runtime.ts'

const ENGINE_LIMIT_MS = 240_000

/**
 * What a Docker backend owes on `runtime`, with the engine at `address`. Each runtime is a file of tests of its own: they are
 * the longest there are, and run beside one another.
 */
export function describeDockerBackend(address: string, runtime: DockerRuntime): void {
  let python = ''
  let node = ''
  beforeAll(async () => {
    python = await dockerImage(address, 'python')
    node = await dockerImage(address, 'node')
  }, ENGINE_LIMIT_MS)
  const docker = new Docker({ socketPath: new URL(address).pathname })
  const create = (languages: readonly string[]) => (): DockerBackend => {
    const images = { python: { image: python }, shell: { image: python }, javascript: { image: node } }
    const wanted = Object.entries(images).filter(([language]) => languages.includes(language))
    const options = {
      docker,
      runtime,
      environmentNames: ['NAME'],
      maxConcurrent: 2,
      startTimeoutMs: ENGINE_LIMIT_MS,
    }
    return new DockerBackend({ ...options, images: Object.fromEntries(wanted) })
  }
  for (const language of ['python', 'shell', 'javascript'] as const) {
    describeProgramBackend(`Docker and ${runtime}`, language, create([language]))
    describeSessionBackend(`Docker and ${runtime}`, language, create([language]))
    describeProgramSession(`Docker and ${runtime}`, language, create([language]))
  }
  const abused = runtime === 'runsc' ? abuseInGVisor : undefined
  describeProgramAbuse(`Docker and ${runtime}`, create(['python', 'shell']), abused)
}
