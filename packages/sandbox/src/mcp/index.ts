export type { CodeToolOptions } from '../code-tool/code-tool.ts'
export { addSandboxTools, type SandboxMcpOptions } from './add-sandbox-tools.ts'
