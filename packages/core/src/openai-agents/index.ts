export type { GuardedToolCall, ToolGuardrailBehavior, ToolGuardrailDecision } from './tool-guardrail.ts'
export {
  type ArgumentFinding,
  type ToolInputGuardrail,
  type ToolInputGuardrailOptions,
  type ToolInputInfo,
  toolInputGuardrail,
} from './tool-input-guardrail.ts'
export {
  type ToolOutputGuardrail,
  type ToolOutputGuardrailOptions,
  type ToolOutputInfo,
  toolOutputGuardrail,
} from './tool-output-guardrail.ts'
