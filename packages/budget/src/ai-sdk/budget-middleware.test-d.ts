import type { LanguageModelMiddleware } from 'ai'
import type { LanguageModelMiddleware as LanguageModelMiddlewareV7 } from 'ai-v7'
import { expectTypeOf } from 'vitest'
import type { AiSdkBudgetMiddleware } from './ai-sdk-model.ts'

expectTypeOf<AiSdkBudgetMiddleware>().toExtend<LanguageModelMiddleware>()
expectTypeOf<AiSdkBudgetMiddleware>().toExtend<LanguageModelMiddlewareV7>()
