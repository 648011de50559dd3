export { PyodideBackend } from './pyodide-backend.ts'
export { DEFAULT_PYODIDE_BACKEND_OPTIONS, type PyodideBackendOptions } from './pyodide-backend-options.ts'
export { PYODIDE_LIMITS } from './pyodide-limits.ts'
