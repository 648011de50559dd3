export { QuickJsBackend } from './quickjs-backend.ts'
export { DEFAULT_QUICKJS_BACKEND_OPTIONS, type QuickJsBackendOptions } from './quickjs-backend-options.ts'
export { QUICKJS_LIMITS } from './quickjs-limits.ts'
