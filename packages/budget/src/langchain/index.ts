export type {
  CallBudget,
  CallEstimate,
  CallHoldOptions,
  CallScope,
} from '../model-calls/call-hold-options.ts'
export { type BudgetMiddlewareOptions, budgetMiddleware } from './budget-middleware.ts'
export type {
  LangChainBudgetMiddleware,
  LangChainMessage,
  LangChainModelCall,
  LangChainRuntime,
} from './langchain-model-call.ts'
