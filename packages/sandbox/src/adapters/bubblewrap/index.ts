export type { SandboxRules } from '../../program/sandbox-rules.ts'
export { BubblewrapBackend, type BubblewrapBackendStats } from './bubblewrap-backend.ts'
export {
  type BubblewrapBackendOptions,
  type ControlGroupUse,
  DEFAULT_BUBBLEWRAP_BACKEND_OPTIONS,
  DEFAULT_READ_ONLY_PATHS,
  type SandboxInterpreter,
} from './bubblewrap-backend-options.ts'
export { BUBBLEWRAP_LIMITS } from './bubblewrap-limits.ts'
