import { createHash } from 'node:crypto'
import { BudgetError } from '@golden-arch/budget'

/** No id of a task begins with it, so that no hold of the agent runtime is anybody's. */
const MARK = '~'
const DIGEST_LENGTH = 22

/** What {@link holdIdOf} adds to an id, in characters. */
export const HOLD_ID_EXTRA_LENGTH: number = MARK.length + DIGEST_LENGTH + MARK.length

/**
 * The ledger's id of the hold that `holderId` knows as `requestId`. Each caller names holds in a space of its own: nobody
 * meets, settles or learns of a hold by guessing its id.
 */
export function holdIdOf(holderId: string, requestId: string): string {
  const digest = createHash('sha256').update(holderId).digest('base64url').slice(0, DIGEST_LENGTH)
  return `${MARK}${digest}${MARK}${requestId}`
}

/** The id by which whoever made a hold knows it. */
export function requestIdOf(holdId: string): string {
  return holdId.slice(HOLD_ID_EXTRA_LENGTH)
}

/** Throws `error` on, with the id that its caller knows where it names the hold. */
export function throwAsHolderKnows(error: unknown): never {
  if (!(error instanceof BudgetError) || typeof error.details.requestId !== 'string') throw error
  const { code, message, details, retryable } = error
  const requestId = requestIdOf(error.details.requestId)
  throw new BudgetError({ code, message, retryable, details: { ...details, requestId }, cause: error })
}
