export type { CodeToolOptions } from '../code-tool/code-tool.ts'
export type { ModelReportOptions } from '../code-tool/model-report.ts'
export { addSandboxTools, type SandboxMcpOptions } from './add-sandbox-tools.ts'
