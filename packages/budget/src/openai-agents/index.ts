export type {
  CallBudget,
  CallEstimate,
  CallHoldOptions,
  CallScope,
} from '../model-calls/call-hold-options.ts'
export type {
  AgentsCall,
  AgentsModel,
  AgentsModelProvider,
  AgentsModelRequest,
  AgentsModelResponse,
  AgentsStreamEvent,
  AgentsUsage,
  AgentsUsageDetails,
} from './agents-model.ts'
export { type AgentsHoldOptions, type BudgetModelOptions, budgetModel } from './budget-model.ts'
export { budgetModelProvider } from './budget-model-provider.ts'
