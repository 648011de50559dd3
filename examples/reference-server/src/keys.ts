/**
 * Lists and revokes the keys that sign access tokens, and signs everybody out. Usage: npm run keys -- list; see
 * `identity/keys-command.ts`. It is told by the environment as the gateway is.
 */
import { administer } from './administer.ts'
import { runKeysCommand } from './identity/keys-command.ts'

await administer(runKeysCommand)
