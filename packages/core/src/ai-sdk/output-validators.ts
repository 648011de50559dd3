import { InvalidOptionError } from '../errors/index.ts'
import { isStandardSchema, LlmValidator, type StandardSchema } from '../validation/index.ts'
import type { AiSdkResponseFormat } from './ai-sdk-model.ts'
import type { ResolvedValidationMiddlewareOptions } from './validation-middleware-options.ts'

const MAX_KEPT = 100

/** Takes any JSON: for calls that carry no schema. */
const ANY: StandardSchema<unknown> = {
  '~standard': { version: 1, vendor: 'golden-arch', validate: (value) => ({ value }) },
}

/** The validators of a model's calls. Those made of a call's own schema are kept, the 100 that were used last. */
export class OutputValidators {
  readonly #options: ResolvedValidationMiddlewareOptions
  /** Of the one schema, or of any JSON where each call has its own. */
  readonly #common: LlmValidator<unknown>
  readonly #kept = new Map<string, LlmValidator<unknown>>()

  /** @throws InvalidOptionError `INVALID_OPTION` on a policy or limit that the validator refuses. */
  constructor(options: ResolvedValidationMiddlewareOptions) {
    this.#options = options
    this.#common = this.#make(isStandardSchema(options.schema) ? options.schema : ANY)
  }

  /**
   * What reads the answer to a call; undefined where it asks for no JSON.
   * @throws InvalidOptionError `INVALID_OPTION` where the function of the options gives no schema; whatever it throws.
   */
  of(format: AiSdkResponseFormat | undefined): LlmValidator<unknown> | undefined {
    if (format?.type !== 'json') return undefined
    const { schema } = this.#options
    if (isStandardSchema(schema) || format.schema === undefined) return this.#common
    const text = JSON.stringify(format.schema)
    // A JSON Schema that is no boolean is an object of keywords.
    const jsonSchema = format.schema as Readonly<Record<string, unknown>>
    const validator = this.#kept.get(text) ?? this.#make(schema(jsonSchema))
    this.#keep(text, validator)
    return validator
  }

  #keep(text: string, validator: LlmValidator<unknown>): void {
    this.#kept.delete(text)
    this.#kept.set(text, validator)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }

  #make(schema: StandardSchema<unknown>): LlmValidator<unknown> {
    if (!isStandardSchema(schema)) {
      throw new InvalidOptionError('schema', 'a function that makes a Standard Schema', schema)
    }
    return new LlmValidator({ ...this.#options.reading, schema: checkOf(schema) })
  }
}

/** A schema that gives the JSON that it was given: the AI SDK reads it with its own, which must not convert it twice. */
function checkOf(schema: StandardSchema<unknown>): StandardSchema<unknown> {
  return {
    '~standard': {
      version: 1,
      vendor: schema['~standard'].vendor,
      validate: (value) => {
        const checked = schema['~standard'].validate(value)
        return checked instanceof Promise || checked.issues !== undefined ? checked : { value }
      },
    },
  }
}
