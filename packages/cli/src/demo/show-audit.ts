import { AuditLinker, SqlAuditLog, verifyAuditLog } from '@golden-arch/core/audit'
import type { DemoStep } from './demo-step.ts'

/** An entry that was changed afterwards is found. */
export const showAudit: DemoStep = {
  title: 'an audit entry that somebody changes afterwards is found',
  async run(database) {
    const tenantId = 'acme'
    const log = new SqlAuditLog()
    for (const resource of ['task/1', 'task/2', 'task/3']) {
      const actor = { id: 'ada', kind: 'human' } as const
      const entry = {
        tenantId,
        actor,
        action: 'task.create',
        resource,
        outcome: 'allowed',
        details: {},
      } as const
      await database.transaction((tx) => log.append(tx, entry))
    }
    await new AuditLinker({ database }).linkTenant(tenantId)
    const before = await verifyAuditLog({ database, tenantId })
    await database.transaction(async (tx) => {
      // As the owner of the database can, past the trigger that refuses every change.
      await tx.query(`SET LOCAL session_replication_role = 'replica'`)
      await tx.query(`UPDATE audit_log SET actor = 'eve' WHERE resource = 'task/2'`)
    })
    const after = await verifyAuditLog({ database, tenantId })
    return {
      isAsPromised: before.ok && before.entries === 3 && !after.ok && after.firstBadSequence === '2',
      lines: [
        before.ok ? `${before.entries} entries verified` : `bad: ${before.reason}`,
        after.ok
          ? 'a change went unseen'
          : `entry 2 was changed: bad from ${after.firstBadSequence}, ${after.reason}`,
      ],
    }
  },
}
