import { requireOneOf } from '../errors/index.ts'
import type { AnswerSettings } from './answer-settings.ts'
import type { CoercionLevel } from './check-value.ts'
import { type LlmAnswerFacts, refusalByFacts } from './finish-reason.ts'
import type { LlmOutcome } from './outcome.ts'
import { type LlmParseLimits, resolveLlmParseLimits } from './parse-limits.ts'
import { type LlmParsePolicies, resolveLlmParsePolicies } from './parse-policies.ts'
import { readAnswer } from './read-answer.ts'
import type { StandardSchema } from './standard-schema.ts'

/** How answers are read. */
export interface LlmValidatorOptions<Value> extends LlmParsePolicies {
  /** What the value must be: any Standard Schema v1 that answers at once. */
  readonly schema: StandardSchema<Value>
  /** Default {@link DEFAULT_LLM_PARSE_LIMITS}. */
  readonly limits?: LlmParseLimits
  /** How far a value may be converted to fit the schema. Default `none`. */
  readonly coercion?: CoercionLevel
}

/** Reads values of one schema out of a model's answers. Holds no state: one serves many answers. */
export class LlmValidator<Value> {
  readonly #whole: AnswerSettings<Value>
  readonly #partial: AnswerSettings<Value>

  /** @throws InvalidOptionError `INVALID_OPTION` on a limit out of range or an unknown policy. */
  constructor(options: LlmValidatorOptions<Value>) {
    const limits = resolveLlmParseLimits(options.limits)
    const policies = resolveLlmParsePolicies(options)
    const coercion = requireOneOf('coercion', options.coercion ?? 'none', ['none', 'safe', 'lenient'])
    const rules = { ...policies, maxDepth: limits.maxDepth, isPartial: false }
    this.#whole = { schema: options.schema, coercion, limits, rules }
    this.#partial = { ...this.#whole, rules: { ...rules, isPartial: true } }
  }

  /**
   * Reads the one value of the schema that an answer holds: all of it, a code fence, a tag, or an object or array in prose.
   * Repairs only what cannot change a value, and names each repair. Takes time linear in the answer's length, besides the
   * schema's own.
   * @returns the value, or why the answer was refused; an answer's text never makes it throw.
   * @throws InvalidOptionError `INVALID_OPTION` for a schema that answers later (a promise); whatever the schema itself throws.
   */
  parse(text: string, facts: LlmAnswerFacts = {}): LlmOutcome<Value> {
    return refusalByFacts(facts) ?? readAnswer(text, facts.partial === true ? this.#partial : this.#whole)
  }
}
