export type {
  LangChainToolCall,
  LangChainToolMiddleware,
  LangChainToolRequest,
  ToolMessageClass,
} from './langchain-tool-call.ts'
export { describeToolFailure, type ToolFailure } from './tool-failure.ts'
export { isIdempotentTool, type ToolMiddlewareOptions, toolMiddleware } from './tool-middleware.ts'
