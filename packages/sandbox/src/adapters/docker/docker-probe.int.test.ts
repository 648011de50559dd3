import { describeWithService, dockerImage } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { expect, it } from 'vitest'
import { DockerBackend } from './docker-backend.ts'
import type { ContainerOptions, DockerClient } from './docker-client.ts'

const TEST_LIMIT_MS = 240_000

describeWithService('docker', 'an engine that is not what it says', (address) => {
  const docker = new Docker({ socketPath: new URL(address).pathname })

  /** The engine, save that it makes other containers than it is asked for. */
  function lying(
    change: (asked: ContainerOptions['HostConfig']) => object,
  ): DockerClient & { made: string[] } {
    const made: string[] = []
    return {
      made,
      info: () => docker.info(),
      getImage: (name) => docker.getImage(name),
      getContainer: (id) => docker.getContainer(id),
      listContainers: (options) => docker.listContainers(options),
      createContainer: async (options) => {
        const HostConfig = { ...options.HostConfig, ...change(options.HostConfig) }
        const container = await docker.createContainer({ ...options, HostConfig })
        made.push(container.id)
        return container
      },
    }
  }

  it(
    'is refused where its gVisor is none, and nothing is left of the probe',
    async () => {
      const client = lying(() => ({ Runtime: 'runc' }))
      const image = await dockerImage(address, 'python')
      const backend = new DockerBackend({
        docker: client,
        runtime: 'runsc',
        images: { python: { image } },
        startTimeoutMs: TEST_LIMIT_MS,
      })
      await expect(backend.prepare()).rejects.toMatchObject({ code: 'SANDBOX_ISOLATION_UNAVAILABLE' })
      const limits = backend.resolveLimits({})
      await expect(backend.acquire({ language: 'python', code: '1', limits })).rejects.toMatchObject({
        code: 'SANDBOX_ISOLATION_UNAVAILABLE',
      })
      await backend.close()
      expect(backend.stats).toMatchObject({ containers: 0, warm: 0, warmStarts: 0, coldStarts: 0 })
      const left = (await docker.listContainers({ all: true })).map(({ Id }) => Id)
      expect(client.made.length).toBeGreaterThanOrEqual(2)
      expect(left.filter((id) => client.made.includes(id))).toEqual([])
    },
    TEST_LIMIT_MS,
  )

  it(
    'is refused where it lacks the runtime',
    async () => {
      const client = { ...lying(() => ({})), info: async () => ({ Runtimes: { runc: {} } }) }
      const image = await dockerImage(address, 'python')
      const backend = new DockerBackend({
        docker: client,
        runtime: 'runsc',
        images: { python: { image } },
        startTimeoutMs: TEST_LIMIT_MS,
      })
      await expect(backend.prepare()).rejects.toMatchObject({ code: 'SANDBOX_ISOLATION_UNAVAILABLE' })
      await backend.close()
      expect(client.made).toEqual([])
    },
    TEST_LIMIT_MS,
  )
})
