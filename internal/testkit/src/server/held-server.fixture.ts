/** Starts the Redis whose programs are in the folder given, says where it is, and waits to be killed. */
import { redisAddress, redisRecipe } from '../services/redis-recipe.ts'
import { startPrivateServer } from './private-server.ts'

const [folder = '', libraryPath = ''] = process.argv.slice(2)
const password = 'held'
const programs = { folder, libraryPath: libraryPath || undefined, version: '', how: 'installed' } as const
const server = await startPrivateServer(redisRecipe(programs, { fsync: false, password }))
console.log(redisAddress(server.port, password))
setInterval(() => undefined, 60_000)
