import type { AiSdkValidationMiddleware } from './ai-sdk-model.ts'
import { readContent, withJson } from './answer-content.ts'
import { askForOutput, paramsOf } from './ask-for-output.ts'
import { OutputValidators } from './output-validators.ts'
import { streamOutput } from './stream-output.ts'
import {
  resolveValidationMiddlewareOptions,
  type ValidationMiddlewareOptions,
} from './validation-middleware-options.ts'

/**
 * A middleware for `wrapLanguageModel` of the AI SDK, versions 6 and 7, that reads the answers to calls with an `output` as
 * `LlmValidator` does, hands on the repaired JSON, and asks the model again where an answer cannot be read or does not fit:
 * the paths, what is expected and what kind of thing came, never the answer. A stream is held back until its answer was
 * taken. Calls without an `output` and calls of tools pass unchanged. The usage of the answer is that of all its calls.
 *
 * In the end a call throws OutputError `OUTPUT_INVALID` or `OUTPUT_REFUSED`, which the SDK does not try again; what the
 * model throws passes unchanged. A stream that has begun tells of either by an `error` part.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function validationMiddleware(options: ValidationMiddlewareOptions): AiSdkValidationMiddleware {
  const resolved = resolveValidationMiddlewareOptions(options)
  const { maxReAsks } = resolved
  const validators = new OutputValidators(resolved)
  return {
    specificationVersion: 'v3',
    wrapGenerate: async ({ params, model }) => {
      const validator = validators.of(params.responseFormat)
      if (validator === undefined) return model.doGenerate(params)
      const asked = await askForOutput(
        validator,
        async ({ feedback }) => {
          const result = await model.doGenerate(paramsOf(params, feedback))
          return { ...readContent(result), result }
        },
        { maxReAsks, signal: params.abortSignal },
      )
      if (!asked.ok) throw asked.error
      const { answer, json, usage } = asked
      const result = json === undefined ? answer.result : withJson(answer.result, json)
      return usage === undefined ? result : { ...result, usage }
    },
    wrapStream: async ({ params, model }) => {
      const validator = validators.of(params.responseFormat)
      return validator === undefined
        ? model.doStream(params)
        : streamOutput(validator, { params, model, maxReAsks })
    },
  }
}
