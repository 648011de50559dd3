export type {
  CallBudget,
  CallEstimate,
  CallHoldOptions,
  CallScope,
} from '../model-calls/call-hold-options.ts'
export { guardedFetch } from './guarded-fetch.ts'
export type { FetchLike, FetchPolicy, GuardedFetchOptions, RefusalStyle } from './guarded-fetch-options.ts'
export type { ModelCall } from './model-call.ts'
