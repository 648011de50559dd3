import { openedServerDatabase } from '../../testing/server-database.ts'
import { peopleRoutesContract } from './people-routes.contract.ts'

peopleRoutesContract('governing over HTTP on PGlite', openedServerDatabase)
