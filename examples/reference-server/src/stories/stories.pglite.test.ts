import { silentLogger } from '@golden-arch/core/observability'
import { temporaryFolder } from '@golden-arch/testkit'
import { readConfiguration } from '../configuration.ts'
import { openServerContext } from '../open-server-context.ts'
import { type RunningServer, serve, serveWith } from '../serve.ts'
import { type OpenedServer, storiesContract } from './stories.contract.ts'
import { personAt } from './testing/person.ts'

const PASSWORD = 'a lantern for seven otters'

storiesContract(
  'embedded: PGlite, its own broker, QuickJS, all in one process',
  async (models): Promise<OpenedServer> => {
    const folder = await temporaryFolder('stories')
    const told = {
      ...models,
      DATA_DIR: folder.path,
      PORT: '0',
      ADMIN_PASSWORD: PASSWORD,
      RATE_LIMITS: 'admin=100000,anonymous=100000',
    }
    // A start makes its administrator: two of them make two.
    const before = await serve(readConfiguration({ ...told, ADMIN_USERNAME: 'olga' }), silentLogger)
    await before.stop()
    const configuration = readConfiguration({ ...told, ADMIN_USERNAME: 'ada' })
    const opened = await openServerContext(configuration, silentLogger)
    const server: RunningServer = await serveWith(opened, configuration)
    const address = String(server.address)
    return {
      ada: await personAt(address, { username: 'ada', password: PASSWORD }),
      olga: await personAt(address, { username: 'olga', password: PASSWORD }),
      publish: (message) => opened.context.broker.publish(message),
      stop: async () => {
        await server.stop()
        await folder.remove()
      },
    }
  },
)
