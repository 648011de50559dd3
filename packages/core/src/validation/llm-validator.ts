import type { CoercionLevel } from './check-value.ts'
import type { LlmOutcome } from './outcome.ts'
import { type LlmParseLimits, resolveLlmParseLimits } from './parse-limits.ts'
import { parseLlmJson } from './parse-llm-json.ts'
import { type LlmParsePolicies, resolveLlmParsePolicies } from './parse-policies.ts'
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

/** What is known of one answer besides its text. */
export interface LlmAnswerFacts {
  /** Why the model stopped, in the provider's own word: `length`, `max_tokens`, `content_filter` and their like refuse. */
  readonly finishReason?: string
  /** The model's refusal where the provider gives it apart from the answer. Not empty: refused. */
  readonly refusal?: string
  /** Whether an answer that ends too early is read up to there: what is not whole is dropped. Default false. */
  readonly partial?: boolean
}

/** Reads values of one schema out of a model's answers. Holds no state: one for many answers, at the same time too. */
export class LlmValidator<Value> {
  readonly #options: LlmValidatorOptions<Value>

  /** @throws InvalidOptionError `INVALID_OPTION` on a limit out of range or an unknown policy. */
  constructor(options: LlmValidatorOptions<Value>) {
    resolveLlmParseLimits(options.limits)
    resolveLlmParsePolicies(options)
    this.#options = options
  }

  /**
   * Reads the one value of the schema that an answer holds. Takes time linear in the answer's length, besides the schema's own.
   * @returns the value, or why the answer was refused; an answer's text never makes it throw.
   * @throws InvalidOptionError `INVALID_OPTION` for a schema that answers later (a promise); whatever the schema itself throws.
   */
  parse(text: string, facts: LlmAnswerFacts = {}): LlmOutcome<Value> {
    return parseLlmJson(text, { ...this.#options, ...facts })
  }
}
