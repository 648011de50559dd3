import { randomBytes } from 'node:crypto'
import { silentLogger } from '@golden-arch/core/observability'
import { JetStreamBroker } from '@golden-arch/messaging/jetstream'
import { describeWithService, dockerImage, startDocker, startNats, startRedis } from '@golden-arch/testkit'
import { openNats } from '../open-nats.ts'
import { openTogether } from '../testing/open-together.ts'
import { createServerSchema } from '../testing/server-database.ts'
import { startServerProcess } from '../testing/server-process.ts'
import { type OpenedServer, storiesContract } from './stories.contract.ts'
import { personAt } from './testing/person.ts'

const PASSWORD = 'a lantern for seven otters'
const LISTENS = /listens on (\S+)/

describeWithService('postgres', 'in full: PostgreSQL', (postgres) => {
  describeWithService('redis', 'Redis', () => {
    describeWithService('nats', 'NATS', () => {
      storiesContract('and the roles in two processes', (models) => openFull(postgres, models))

      describeWithService('docker', 'and Docker', () => {
        storiesContract('with gVisor', (models) =>
          openTogether(async (closeLater) => {
            // An engine of our own: what the processes leave in it ends with it.
            const docker = await startDocker()
            closeLater(() => docker.stop())
            const server = await openFull(postgres, {
              ...models,
              SANDBOX_BACKEND: 'docker-gvisor',
              SANDBOX_IMAGE: await dockerImage(docker.address, 'node'),
              DOCKER_HOST: docker.address,
            })
            closeLater(() => server.stop())
            return server
          }),
        )
      })
    })
  })
})

/**
 * The roles in two processes, with the rights of an application, on servers of their own: their streams and keys have the names
 * that a server gives them.
 */
function openFull(postgres: string, more: Readonly<Record<string, string>>): Promise<OpenedServer> {
  return openTogether(async (closeLater) => {
    const schema = await createServerSchema(postgres)
    closeLater(() => schema.drop())
    const redis = await startRedis()
    closeLater(() => redis.stop())
    const nats = await startNats()
    closeLater(() => nats.stop())
    const environment = {
      MODEL_BASE_URL: 'scripted',
      ...more,
      DATABASE_URL: schema.address,
      REDIS_URL: redis.address,
      NATS_URL: nats.address,
      JWT_SECRET: randomBytes(32).toString('hex'),
      ADMIN_PASSWORD: PASSWORD,
      RATE_LIMITS: 'admin=100000,anonymous=100000',
      START_TIMEOUT_MS: '3600000',
    }
    const start = async (username: string, ...args: readonly string[]): Promise<string> => {
      const server = startServerProcess({ ...environment, ADMIN_USERNAME: username }, ...args)
      closeLater(async () => {
        server.child.kill('SIGKILL')
        await server.exit
        // What runs in the background fails no story.
        const [refused] = /.*permission denied.*/.exec(server.output()) ?? []
        if (refused !== undefined) throw new Error(`the rights of an application do not suffice: ${refused}`)
      })
      return await server.said(LISTENS)
    }
    // Each process makes the administrator that it is told of.
    const address = await start('olga', '--roles', 'gateway,orchestrator,supervisor')
    await start('ada', '--roles', 'gateway,peer-hub,agent-runtime,sandbox-executor')
    const connection = await openNats({ url: nats.address }, silentLogger)
    closeLater(() => connection.close())
    const broker = new JetStreamBroker({ connection })
    return {
      ada: await personAt(address, { username: 'ada', password: PASSWORD }),
      olga: await personAt(address, { username: 'olga', password: PASSWORD }),
      publish: (message) => broker.publish(message),
    }
  })
}
