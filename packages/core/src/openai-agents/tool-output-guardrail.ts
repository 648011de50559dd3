import { requireMethods, requireOneOf, requireText, withDefaults } from '../errors/index.ts'
import { Redactor } from '../validation/index.ts'
import type { GuardedToolCall, ToolGuardrailDecision } from './tool-guardrail.ts'

/** What {@link toolOutputGuardrail} does. */
export interface ToolOutputGuardrailOptions {
  /** Its name in results and errors. Default `tool-output`. */
  readonly name?: string | undefined
  /** What counts as a secret. Default `new Redactor()`: every kind that it knows, card numbers and e-mail addresses among them. */
  readonly redactor?: Pick<Redactor, 'redactValue'> | undefined
  /**
   * What becomes of an output with a secret. `redact`: the model gets it without; what is no text becomes the JSON of what
   * is left. `rejectContent`: the model is told that it was withheld. `throwException`: the run ends by an error.
   * Default `redact`.
   */
  readonly behavior?: 'redact' | 'rejectContent' | 'throwException' | undefined
}

const DEFAULTS = Object.freeze({ name: 'tool-output', redactor: undefined, behavior: 'redact' } as const)

/** What a guardrail of outputs saw. */
export interface ToolOutputInfo {
  readonly hasSecret: boolean
}

/** A guardrail for `outputGuardrails` of a tool, or for `defineToolOutputGuardrail`. */
export interface ToolOutputGuardrail {
  readonly type: 'tool_output'
  readonly name: string
  run(data: {
    readonly toolCall: GuardedToolCall
    readonly output: unknown
  }): Promise<ToolGuardrailDecision<ToolOutputInfo>>
}

/**
 * A guardrail of the OpenAI Agents SDK that keeps secrets in a tool's output from the model, messages of errors included.
 * What `Redactor.redactValue` leaves out as too deep or too much counts as a secret. The SDK shows each guardrail the output as
 * the tool gave it, and stops at the first that replaces it: let this one be the last.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function toolOutputGuardrail(options: ToolOutputGuardrailOptions = {}): ToolOutputGuardrail {
  const { name, redactor = new Redactor(), behavior: given } = withDefaults(options, DEFAULTS)
  const behavior = requireOneOf('behavior', given, ['redact', 'rejectContent', 'throwException'])
  requireMethods('redactor', redactor, ['redactValue'])
  return {
    type: 'tool_output',
    name: requireText('name', name),
    run: async ({ output }) => {
      const left = redactor.redactValue(output)
      if (Object.is(left, output)) return { behavior: { type: 'allow' }, outputInfo: { hasSecret: false } }
      const outputInfo = { hasSecret: true }
      if (behavior === 'throwException') return { behavior: { type: behavior }, outputInfo }
      const message = behavior === 'redact' ? textOf(left) : 'The output was withheld: it holds a secret.'
      return { behavior: { type: 'rejectContent', message }, outputInfo }
    },
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value, (_name, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
}
