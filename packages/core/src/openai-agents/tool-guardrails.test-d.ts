import type { defineToolInputGuardrail, defineToolOutputGuardrail, FunctionTool } from '@openai/agents'
import type {
  defineToolInputGuardrail as defineToolInputGuardrailV19,
  defineToolOutputGuardrail as defineToolOutputGuardrailV19,
} from 'openai-agents-v0-19'
import { expectTypeOf } from 'vitest'
import type { ToolInputGuardrail } from './tool-input-guardrail.ts'
import type { ToolOutputGuardrail } from './tool-output-guardrail.ts'

type Input = NonNullable<FunctionTool['inputGuardrails']>[number]
type Output = NonNullable<FunctionTool['outputGuardrails']>[number]

expectTypeOf<ToolInputGuardrail>().toExtend<Input>()
expectTypeOf<ToolOutputGuardrail>().toExtend<Output>()
expectTypeOf<ToolInputGuardrail>().toExtend<Parameters<typeof defineToolInputGuardrail>[0]>()
expectTypeOf<ToolOutputGuardrail>().toExtend<Parameters<typeof defineToolOutputGuardrail>[0]>()
expectTypeOf<ToolInputGuardrail>().toExtend<Parameters<typeof defineToolInputGuardrailV19>[0]>()
expectTypeOf<ToolOutputGuardrail>().toExtend<Parameters<typeof defineToolOutputGuardrailV19>[0]>()
