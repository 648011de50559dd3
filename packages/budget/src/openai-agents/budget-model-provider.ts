import { InvalidOptionError } from '@golden-arch/core/errors'
import type { AgentsModelProvider } from './agents-model.ts'
import { type AgentsHoldOptions, payingModel, resolveAgentsHoldOptions } from './budget-model.ts'
import { withMembers } from './with-members.ts'

/**
 * A model provider of the OpenAI Agents SDK whose models pay for each of their calls, as those of {@link budgetModel} do.
 * Pass it as `modelProvider` to a `Runner`. An agent whose `model` is an object and no name asks no provider: wrap that
 * object by `budgetModel`. All other members are the provider's own.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function budgetModelProvider<Provider extends AgentsModelProvider>(
  provider: Provider,
  options: AgentsHoldOptions,
): Provider {
  if (typeof provider?.getModel !== 'function') {
    throw new InvalidOptionError('provider', 'a model provider', provider)
  }
  const holds = resolveAgentsHoldOptions(options)
  return withMembers(provider, {
    getModel: async (modelName?: string) =>
      payingModel(await provider.getModel(modelName), modelName ?? '', holds),
  })
}
