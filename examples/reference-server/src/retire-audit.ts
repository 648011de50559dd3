/**
 * Lets old months of the audit log leave. Usage: npm run retire-audit -- 400; see `retire-audit-command.ts`. It is told by the
 * environment as the server is, with a `DATABASE_URL` of the owner of the tables.
 */
import { administer } from './administer.ts'
import { runRetireAuditCommand } from './retire-audit-command.ts'

await administer(runRetireAuditCommand)
