import {
  InvalidOptionError,
  requireObject,
  requireOneOf,
  requireText,
  withDefaults,
} from '../errors/index.ts'
import {
  type DetectThreatsOptions,
  describeFailure,
  detectThreats,
  type LlmFailureCode,
  LlmValidator,
  type StandardSchema,
  type ThreatContext,
  type ThreatFinding,
} from '../validation/index.ts'
import type { GuardedToolCall, ToolGuardrailDecision } from './tool-guardrail.ts'

/** What {@link toolInputGuardrail} looks for. One of `sinks` and `schema` must be given. */
export interface ToolInputGuardrailOptions extends Omit<DetectThreatsOptions, 'contexts' | 'policy'> {
  /** Its name in results and errors. Default `tool-input`. */
  readonly name?: string | undefined
  /**
   * Where each argument goes, by its name. Whatever texts it holds, keys included, are looked at for what would be an
   * attack there; arguments that are not named are not looked at. Default: none.
   */
  readonly sinks?: Readonly<Record<string, readonly ThreatContext[]>> | undefined
  /**
   * What the arguments must be, besides the tool's own parameters: any Standard Schema v1 that answers at once. Optional
   * parameters of a tool with `strict` come as null. Default any object.
   */
  readonly schema?: StandardSchema<unknown> | undefined
  /** Whether the model is told of a refusal and goes on, or the run ends by an error. Default `rejectContent`. */
  readonly behavior?: 'rejectContent' | 'throwException' | undefined
}

/** What was found in an argument, without its text. */
export interface ArgumentFinding extends Pick<ThreatFinding, 'ruleId' | 'family' | 'context' | 'severity'> {
  readonly argument: string
}

/** What a guardrail of arguments saw. */
export interface ToolInputInfo {
  /** Why the arguments were refused as JSON or by the schema. */
  readonly refusal?: LlmFailureCode
  /** Threats that were found, those too slight to refuse included. */
  readonly findings: readonly ArgumentFinding[]
}

/** A guardrail for `inputGuardrails` of a tool, or for `defineToolInputGuardrail`. */
export interface ToolInputGuardrail {
  readonly type: 'tool_input'
  readonly name: string
  run(data: { readonly toolCall: GuardedToolCall }): Promise<ToolGuardrailDecision<ToolInputInfo>>
}

const DEFAULTS = Object.freeze({
  name: 'tool-input',
  sinks: {},
  schema: undefined,
  behavior: 'rejectContent',
  rejectFrom: undefined,
  rules: undefined,
  maxCharacters: undefined,
  maxFindings: undefined,
  metrics: undefined,
} as const)

const ANY_OBJECT: StandardSchema<unknown> = {
  '~standard': {
    version: 1,
    vendor: 'golden-arch',
    validate: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? { value }
        : { issues: [{ message: 'an object' }] },
  },
}

/**
 * A guardrail of the OpenAI Agents SDK that refuses a tool's arguments before it runs: those that are no strict JSON, that
 * do not fit a schema, or that hold what would be an attack where they go. What the model is told of a refusal holds
 * nothing of the arguments but keys. Threats are a signal, not a defence (see `detectThreats`): the tool itself binds
 * values and resolves paths.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; `run` rejects with it for a schema that answers later.
 */
export function toolInputGuardrail(options: ToolInputGuardrailOptions): ToolInputGuardrail {
  const {
    name,
    sinks,
    schema,
    behavior: given,
    ...detection
  } = withDefaults<ToolInputGuardrailOptions, typeof DEFAULTS>(options, DEFAULTS)
  const places = Object.entries(requireObject('sinks', sinks))
  if (places.length === 0 && schema === undefined) {
    throw new InvalidOptionError('sinks', 'of one argument at least where there is no schema', sinks)
  }
  const behavior = requireOneOf('behavior', given, ['rejectContent', 'throwException'])
  const validator = new LlmValidator({ schema: schema ?? ANY_OBJECT, mode: 'strict' })
  const threatsOf = (text: string, contexts: readonly ThreatContext[]) =>
    detectThreats(text, { ...detection, contexts, policy: 'reject' })
  // A bad option is told here, not by the first call of a tool.
  for (const [, contexts] of places) threatsOf('', contexts)

  const refuse = (info: ToolInputInfo, why: string): ToolGuardrailDecision<ToolInputInfo> => ({
    behavior:
      behavior === 'rejectContent'
        ? { type: behavior, message: `The call was refused, and nothing was run. ${why}` }
        : { type: behavior },
    outputInfo: info,
  })
  return {
    type: 'tool_input',
    name: requireText('name', name),
    run: async ({ toolCall }) => {
      const outcome = validator.parse(toolCall.arguments)
      if (!outcome.ok) return refuse({ refusal: outcome.code, findings: [] }, describeFailure(outcome))
      // What the tool is given, whatever the schema makes of it.
      const given = new Map<string, unknown>(Object.entries(JSON.parse(toolCall.arguments) ?? {}))
      const findings: ArgumentFinding[] = []
      for (const [argument, contexts] of places) {
        for (const text of textsOf(given.get(argument))) {
          const report = threatsOf(text, contexts)
          for (const { ruleId, family, context, severity } of report.findings) {
            findings.push({ argument, ruleId, family, context, severity })
          }
          if (report.verdict !== 'reject') continue
          const families = new Set(report.findings.map(({ family }) => family))
          const what = `The argument "${argument}" holds what would be an attack there`
          return refuse({ findings }, `${what}: ${[...families].join(', ')}.`)
        }
      }
      return { behavior: { type: 'allow' }, outputInfo: { findings } }
    },
  }
}

/** The texts of a JSON value, keys included. */
function* textsOf(value: unknown): Generator<string> {
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') yield next
    if (typeof next !== 'object' || next === null) continue
    for (const [key, item] of Object.entries(next)) left.push(key, item)
  }
}
