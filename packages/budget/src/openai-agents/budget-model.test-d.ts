import type { Model, ModelProvider, OpenAIProvider } from '@openai/agents'
import type { ModelProvider as ModelProviderV19, Model as ModelV19 } from 'openai-agents-v0-19'
import { expectTypeOf } from 'vitest'
import type { AgentsModel, AgentsModelProvider } from './agents-model.ts'
import { budgetModelProvider } from './budget-model-provider.ts'

expectTypeOf<Model>().toExtend<AgentsModel>()
expectTypeOf<ModelV19>().toExtend<AgentsModel>()
expectTypeOf<ModelProvider>().toExtend<AgentsModelProvider>()
expectTypeOf<ModelProviderV19>().toExtend<AgentsModelProvider>()
expectTypeOf(budgetModelProvider<OpenAIProvider>).returns.toEqualTypeOf<OpenAIProvider>()
