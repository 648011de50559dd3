export type { CodeInput, CodeInputSchema } from '../code-tool/code-input.ts'
export type { CodeToolOptions } from '../code-tool/code-tool.ts'
export { type ModelReport, type ModelReportOptions, modelReport } from '../code-tool/model-report.ts'
export { type AiSdkSandboxTool, type SandboxToolOptions, sandboxTool } from './sandbox-tool.ts'
