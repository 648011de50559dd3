import { randomBytes } from 'node:crypto'
import { silentLogger } from '@golden-arch/core/observability'
import { JetStreamBroker } from '@golden-arch/messaging/jetstream'
import {
  createPostgresSchema,
  describeWithService,
  dockerImage,
  startDocker,
  startNats,
  startRedis,
} from '@golden-arch/testkit'
import { openNats } from '../open-nats.ts'
import { type ServerProcess, startServerProcess } from '../testing/server-process.ts'
import { type OpenedServer, storiesContract } from './stories.contract.ts'
import { personAt } from './testing/person.ts'

const PASSWORD = 'a lantern for seven otters'
const LISTENS = /listens on (\S+)/

describeWithService('postgres', 'in full: PostgreSQL', (postgres) => {
  describeWithService('redis', 'Redis', () => {
    describeWithService('nats', 'NATS', () => {
      storiesContract('and the roles in two processes', (models) => openFull(postgres, models))

      describeWithService('docker', 'and Docker', () => {
        storiesContract('with gVisor', async (models): Promise<OpenedServer> => {
          // An engine of our own: what the processes leave in it ends with it.
          const docker = await startDocker()
          const server = await openFull(postgres, {
            ...models,
            SANDBOX_BACKEND: 'docker-gvisor',
            SANDBOX_IMAGE: await dockerImage(docker.address, 'node'),
            DOCKER_HOST: docker.address,
          })
          const stop = async (): Promise<void> => {
            await server.stop()
            await docker.stop()
          }
          return { ...server, stop }
        })
      })
    })
  })
})

/** The roles in two processes, on servers of their own: their streams and keys have the names that a server gives them. */
async function openFull(postgres: string, more: Readonly<Record<string, string>>): Promise<OpenedServer> {
  const schema = await createPostgresSchema(postgres)
  const redis = await startRedis()
  const nats = await startNats()
  const url = new URL(postgres)
  url.searchParams.set('options', schema.poolConfig.options)
  const environment = {
    ...more,
    DATABASE_URL: url.href,
    REDIS_URL: redis.address,
    NATS_URL: nats.address,
    JWT_SECRET: randomBytes(32).toString('hex'),
    ADMIN_PASSWORD: PASSWORD,
    RATE_LIMITS: 'admin=100000,anonymous=100000',
    START_TIMEOUT_MS: '3600000',
  }
  const start = (username: string, ...args: readonly string[]): ServerProcess =>
    startServerProcess({ ...environment, ADMIN_USERNAME: username }, ...args)
  // Each process makes the administrator that it is told of.
  const first = start('olga', '--migrate', '--roles', 'gateway,orchestrator,supervisor')
  const address = await first.said(LISTENS)
  const second = start('ada', '--roles', 'gateway,peer-hub,agent-runtime,sandbox-executor')
  await second.said(LISTENS)
  const connection = await openNats({ url: nats.address }, silentLogger)
  const broker = new JetStreamBroker({ connection })
  return {
    ada: await personAt(address, { username: 'ada', password: PASSWORD }),
    olga: await personAt(address, { username: 'olga', password: PASSWORD }),
    publish: (message) => broker.publish(message),
    stop: async () => {
      await connection.close()
      for (const server of [second, first]) {
        server.child.kill('SIGKILL')
        await server.exit
      }
      await nats.stop()
      await redis.stop()
      await schema.drop()
    },
  }
}
