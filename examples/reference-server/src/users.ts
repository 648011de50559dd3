/**
 * Adds and changes who may sign in. Usage: npm run users -- list; see `identity/users-command.ts`. It is told by the
 * environment as the server is.
 */
import { administer } from './administer.ts'
import { runUsersCommand } from './identity/users-command.ts'

await administer((work) => runUsersCommand({ ...work, password: process.env.USER_PASSWORD }))
