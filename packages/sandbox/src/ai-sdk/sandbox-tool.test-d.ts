import type { ToolSet } from 'ai'
import type { ToolSet as ToolSetV7 } from 'ai-v7'
import { expectTypeOf } from 'vitest'
import type { AiSdkSandboxTool } from './sandbox-tool.ts'

expectTypeOf<{ run_code: AiSdkSandboxTool }>().toExtend<ToolSet>()
expectTypeOf<{ run_code: AiSdkSandboxTool }>().toExtend<ToolSetV7>()
