export type { SandboxRules, SandboxRulesOptions } from '../../program/sandbox-rules.ts'
export { BubblewrapBackend, type BubblewrapBackendStats } from './bubblewrap-backend.ts'
export type {
  BubblewrapBackendOptions,
  ControlGroupUse,
  SandboxInterpreter,
} from './bubblewrap-backend-options.ts'
export { BUBBLEWRAP_LIMITS } from './bubblewrap-limits.ts'
