export { type CodeInput, type CodeInputSchema, codeInputSchema } from './code-input.ts'
export { type ModelReport, modelReport } from './model-report.ts'
export { type AiSdkSandboxTool, type SandboxToolOptions, sandboxTool } from './sandbox-tool.ts'
