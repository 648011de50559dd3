export { QuickJsBackend } from './quickjs-backend.ts'
export type { QuickJsBackendOptions } from './quickjs-backend-options.ts'
export { QUICKJS_LIMITS } from './quickjs-limits.ts'
