import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describeWithService, dockerImage } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { expect, it, onTestFinished } from 'vitest'
import { DockerBackend } from './docker-backend.ts'

const TEST_LIMIT_MS = 240_000

/** A process that starts a program which never ends, and says when it runs. */
const OWNER = `
  import Docker from 'dockerode'
  import { DockerBackend } from '${new URL('./docker-backend.ts', import.meta.url).href}'
  const [socketPath, image] = process.argv.slice(1)
  const images = { shell: { image } }
  const backend = new DockerBackend({ docker: new Docker({ socketPath }), runtime: 'runc', images, startTimeoutMs: 120000 })
  const limits = backend.resolveLimits({ timeoutMs: 600000 })
  const program = { language: 'shell', code: 'sleep 600', limits }
  const lease = await backend.acquire(program)
  lease.run(program, new AbortController().signal)
  console.log('running')
`

describeWithService('docker', 'containers of a process that was killed', (address) => {
  const socketPath = new URL(address).pathname
  const docker = new Docker({ socketPath })

  it(
    'are removed when the next one starts, and those of a living process are not',
    async () => {
      const image = await dockerImage(address, 'python')
      const flags = ['--conditions=golden-arch-source', '--input-type=module', '--eval', OWNER]
      const owner = spawn(process.execPath, [...flags, socketPath, image], {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: import.meta.dirname,
      })
      onTestFinished(() => void owner.kill('SIGKILL'))
      await once(owner.stdout, 'data')
      const ofOwner = async (): Promise<readonly string[]> => {
        const filters = { label: [`golden-arch.sandbox.pid=${owner.pid}`] }
        return (await docker.listContainers({ all: true, filters })).map(({ Id }) => Id)
      }
      const images = { shell: { image, warm: 0 } }
      const early = new DockerBackend({ docker, runtime: 'runc', images, startTimeoutMs: TEST_LIMIT_MS })
      await early.prepare()
      expect((await ofOwner()).length).toBeGreaterThanOrEqual(1)
      await early.close()

      owner.kill('SIGKILL')
      await once(owner, 'exit')
      const next = new DockerBackend({ docker, runtime: 'runc', images, startTimeoutMs: TEST_LIMIT_MS })
      await next.prepare()
      expect(await ofOwner()).toEqual([])
      expect(next.stats.orphansReaped).toBeGreaterThanOrEqual(1)
      await next.close()
      expect(next.stats.containers).toBe(0)
    },
    TEST_LIMIT_MS,
  )
})
