export type {
  CallBudget,
  CallEstimate,
  CallHoldOptions,
  CallScope,
} from '../model-calls/call-hold-options.ts'
export type {
  AiSdkBudgetMiddleware,
  AiSdkCall,
  AiSdkCallParams,
  AiSdkGenerateResult,
  AiSdkModelUsage,
  AiSdkStreamResult,
} from './ai-sdk-model.ts'
export { type BudgetMiddlewareOptions, budgetMiddleware } from './budget-middleware.ts'
