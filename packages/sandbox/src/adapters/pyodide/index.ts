export { PyodideBackend } from './pyodide-backend.ts'
export type { PyodideBackendOptions } from './pyodide-backend-options.ts'
export { PYODIDE_LIMITS } from './pyodide-limits.ts'
