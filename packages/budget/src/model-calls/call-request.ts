import { randomUUID } from 'node:crypto'
import { requireObject } from '@golden-arch/core/errors'
import type { BudgetRequest } from '../budget-request.ts'
import type { CallEstimate, ResolvedCallHoldOptions } from './call-hold-options.ts'

/**
 * What is held for one attempt at a call, under an id of its own. `model` is only read where prices are asked for.
 * @throws InvalidOptionError `INVALID_OPTION` where a function gives no scope; whatever it throws.
 */
export function requestOfCall<Call>(
  { scope, hold }: Pick<ResolvedCallHoldOptions<Call>, 'scope' | 'hold'>,
  call: Call,
  { inputTokens, maxOutputTokens }: CallEstimate,
  model: unknown,
): BudgetRequest {
  const payer = requireObject('scope', typeof scope === 'function' ? scope(call) : scope)
  const { tenantId, projectId, taskId, agentId } = payer
  const address = { requestId: randomUUID(), tenantId, projectId, taskId, agentId }
  if (hold === 'tokens') return { ...address, tokens: inputTokens + maxOutputTokens }
  // What is no text is refused by name where the hold is asked for.
  return { ...address, model: model as string, inputTokens, maxOutputTokens }
}
