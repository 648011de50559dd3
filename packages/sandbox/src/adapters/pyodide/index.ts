export type { SandboxRulesOptions } from '../../program/sandbox-rules.ts'
export { PyodideBackend } from './pyodide-backend.ts'
export type { PyodideBackendOptions, PyodideRules } from './pyodide-backend-options.ts'
export { PYODIDE_LIMITS } from './pyodide-limits.ts'
