import { describeWithService, dockerImage } from '@golden-arch/testkit'
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

describeWithService('docker', 'the Docker backend', (address) => {
  let python = ''
  let node = ''
  beforeAll(async () => {
    python = await dockerImage(address, 'python')
    node = await dockerImage(address, 'node')
  }, ENGINE_LIMIT_MS)
  const docker = new Docker({ socketPath: new URL(address).pathname })
  const create = (runtime: DockerRuntime, languages: readonly string[]) => (): DockerBackend => {
    const images = { python: { image: python }, shell: { image: python }, javascript: { image: node } }
    const wanted = Object.entries(images).filter(([language]) => languages.includes(language))
    const options = {
      docker,
      runtime,
      environmentNames: ['NAME'],
      maxConcurrent: 2,
      engineTimeoutMs: ENGINE_LIMIT_MS,
    }
    return new DockerBackend({ ...options, images: Object.fromEntries(wanted) })
  }
  for (const runtime of ['runc', 'runsc'] as const) {
    for (const language of ['python', 'shell', 'javascript'] as const) {
      describeProgramBackend(`Docker and ${runtime}`, language, create(runtime, [language]))
      describeSessionBackend(`Docker and ${runtime}`, language, create(runtime, [language]))
      describeProgramSession(`Docker and ${runtime}`, language, create(runtime, [language]))
    }
    const abused = runtime === 'runsc' ? abuseInGVisor : undefined
    describeProgramAbuse(`Docker and ${runtime}`, create(runtime, ['python', 'shell']), abused)
  }
})
