import type { SqlDatabase } from '@golden-arch/core/storage'
import { failureKindId } from '../failure-kind.ts'
import type { RecordedFailure } from '../recorded-failure.ts'

/** Adds failures in one statement, as if each had been recorded `minutesAgo` minutes ago. */
export async function insertFailures(
  database: SqlDatabase,
  failures: readonly RecordedFailure[],
  minutesAgo = 0,
): Promise<void> {
  const rows = failures.map((failure) => ({ ...failure, kindId: failureKindId(failure) }))
  await database.query(
    `INSERT INTO pattern_failures (tenant_id, task_id, guard, attempt, agent_role, context_signature, error_fingerprint,
       kind_id, fix_id, has_succeeded, failed_at)
     SELECT "tenantId", "taskId", guard, attempt, "agentRole", "contextSignature", "errorFingerprint", "kindId",
            coalesce("fixId", ''), outcome = 'succeeded', clock_timestamp() - $2::int * interval '1 minute'
       FROM jsonb_to_recordset($1::jsonb) AS r ("tenantId" text, "taskId" text, guard text, attempt integer,
            "agentRole" text, "contextSignature" text, "errorFingerprint" text, "kindId" text, "fixId" text, outcome text)`,
    [JSON.stringify(rows), minutesAgo],
  )
}
