import { silentLogger } from '@golden-arch/core/observability'
import { temporaryFolder } from '@golden-arch/testkit'
import { readConfiguration } from '../configuration.ts'
import { openServerContext } from '../open-server-context.ts'
import { serve, serveWith } from '../serve.ts'
import { openTogether } from '../testing/open-together.ts'
import { storiesContract } from './stories.contract.ts'
import { personAt } from './testing/person.ts'

const PASSWORD = 'a lantern for seven otters'

storiesContract('embedded: PGlite, its own broker, QuickJS, all in one process', (models) =>
  openTogether(async (closeLater) => {
    const folder = await temporaryFolder('stories')
    closeLater(() => folder.remove())
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
    const server = await serveWith(opened, configuration)
    closeLater(() => server.stop())
    const address = String(server.address)
    return {
      ada: await personAt(address, { username: 'ada', password: PASSWORD }),
      olga: await personAt(address, { username: 'olga', password: PASSWORD }),
      publish: (message) => opened.context.broker.publish(message),
    }
  }),
)
