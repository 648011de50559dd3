import { InvalidOptionError, requireObject, requireOneOf } from '../errors/index.ts'
import { type Metrics, silentMetrics } from '../observability/index.ts'
import type { AnswerSettings } from './answer-settings.ts'
import type { CoercionLevel } from './coercion/coercion.ts'
import { type LlmAnswerFacts, refusalByFacts } from './finish-reason.ts'
import { LlmMetrics } from './llm-metrics.ts'
import type { LlmOutcome } from './outcome.ts'
import { type LlmParseLimits, resolveLlmParseLimits } from './parse-limits.ts'
import { type LlmParsePolicies, resolveLlmParsePolicies } from './parse-policies.ts'
import { askModel } from './re-ask/ask-model.ts'
import type { AskOptions, GenerateAnswer, ModelAnswer } from './re-ask/ask-options.ts'
import type { AskOutcome } from './re-ask/ask-outcome.ts'
import { readAnswer } from './read-answer.ts'
import { isStandardSchema, type StandardSchema } from './standard-schema.ts'
import { LlmStream } from './streaming/llm-stream.ts'

/** How answers are read. */
export interface LlmValidatorOptions<Value> extends LlmParsePolicies {
  /** What the value must be: any Standard Schema v1 that answers at once. */
  readonly schema: StandardSchema<Value>
  /** Default 1000000 characters, 64 levels and 64 JSON texts to an answer. */
  readonly limits?: LlmParseLimits | undefined
  /** How far a value may be converted to fit the schema. Default `none`. */
  readonly coercion?: CoercionLevel | undefined
  /** Counts refusals by code, fixes by name and calls by outcome. Default: none. */
  readonly metrics?: Metrics | undefined
}

/** Reads values of one schema out of a model's answers. Holds no state: one serves many answers. */
export class LlmValidator<Value> {
  readonly #whole: AnswerSettings<Value>
  readonly #partial: AnswerSettings<Value>
  readonly #metrics: LlmMetrics

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no Standard Schema, a limit out of range or an unknown policy. */
  constructor(options: LlmValidatorOptions<Value>) {
    const {
      schema,
      limits: bounds,
      coercion: level = 'none',
      metrics = silentMetrics,
      ...choices
    } = requireObject('options', options)
    if (!isStandardSchema(schema)) {
      throw new InvalidOptionError(
        'schema',
        'a Standard Schema (`fromJsonSchema` makes one of a JSON Schema)',
        schema,
      )
    }
    const limits = resolveLlmParseLimits(bounds)
    const policies = resolveLlmParsePolicies(choices)
    const coercion = requireOneOf('coercion', level, ['none', 'safe', 'lenient'])
    const rules = { ...policies, maxDepth: limits.maxDepth, isPartial: false }
    this.#whole = { schema, coercion, limits, rules }
    this.#partial = { ...this.#whole, rules: { ...rules, isPartial: true } }
    this.#metrics = new LlmMetrics(metrics)
  }

  /**
   * Reads the one value of the schema that an answer holds: all of it, a code fence, a tag, or an object or array in prose.
   * Repairs only what cannot change a value, and names each repair. Takes time linear in the answer's length, besides the
   * schema's own.
   * @returns the value, or why the answer was refused; an answer's text never makes it throw.
   * @throws InvalidOptionError `INVALID_OPTION` for a schema that answers later (a promise); whatever the schema itself throws.
   */
  parse(text: string, facts: LlmAnswerFacts = {}): LlmOutcome<Value> {
    const settings = facts.partial === true ? this.#partial : this.#whole
    const outcome = refusalByFacts(facts) ?? readAnswer(text, settings)
    this.#metrics.answer(outcome)
    return outcome
  }

  /**
   * Reads an answer while it comes: a preview of its value with each chunk, and in the end its outcome, as `parse` gives it.
   */
  stream(): LlmStream<Value> {
    const { maxCharacters, maxDepth } = this.#whole.limits
    return new LlmStream({ parse: (text, facts) => this.parse(text, facts), maxCharacters, maxDepth })
  }

  /**
   * Asks a model until an answer can be read, telling it each time what was wrong with the answer before: the paths, what
   * is expected and what kind of thing came, never the answer's own text. Ends on a value, a refusal, a call of a tool, the
   * attempts or the budget being used up, an answer that was refused before, an abort or an error.
   * @returns the value, or why there is none; either way the usage of every call, those refused or failed included.
   * @throws InvalidOptionError `INVALID_OPTION` on attempts out of range; as `parse`.
   */
  async ask(generate: GenerateAnswer, options: AskOptions = {}): Promise<AskOutcome<Value>> {
    const read = ({ text, finishReason, refusal }: ModelAnswer) => this.parse(text, { finishReason, refusal })
    const outcome = await askModel(generate, read, options)
    this.#metrics.asked(outcome)
    return outcome
  }
}
