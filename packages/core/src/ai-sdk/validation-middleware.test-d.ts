import type { LanguageModelMiddleware } from 'ai'
import type { LanguageModelMiddleware as LanguageModelMiddlewareV7 } from 'ai-v7'
import { type } from 'arktype'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { AiSdkValidationMiddleware } from './ai-sdk-model.ts'
import type { ValidationMiddlewareOptions } from './validation-middleware-options.ts'

expectTypeOf<AiSdkValidationMiddleware>().toExtend<LanguageModelMiddleware>()
expectTypeOf<AiSdkValidationMiddleware>().toExtend<LanguageModelMiddlewareV7>()

const shape = z.object({ n: z.number() })
const arkShape = type({ n: 'number' })
expectTypeOf({ schema: shape }).toExtend<ValidationMiddlewareOptions>()
expectTypeOf({ schema: arkShape }).toExtend<ValidationMiddlewareOptions>()
expectTypeOf({
  schema: () => shape,
  maxReAsks: 1,
  coercion: 'safe' as const,
}).toExtend<ValidationMiddlewareOptions>()
expectTypeOf({ schema: shape, bigNumbers: 'bigint' as const }).not.toExtend<ValidationMiddlewareOptions>()
