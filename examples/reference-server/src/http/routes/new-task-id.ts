import { createHash, randomUUID } from 'node:crypto'

const DIGEST_LENGTH = 32

/**
 * The id of a task whose client names none. With an idempotency key it is the same for each call of that caller with that
 * key: what keeps a task from being made twice is then its id alone.
 */
export function newTaskId(tenantId: string, callerId: string, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return `task-${randomUUID()}`
  const digest = createHash('sha256')
    .update(JSON.stringify([tenantId, callerId, idempotencyKey]))
    .digest('hex')
  return `task-${digest.slice(0, DIGEST_LENGTH)}`
}
