export type {
  AiSdkOutputParams,
  AiSdkOutputPart,
  AiSdkOutputResult,
  AiSdkOutputStream,
  AiSdkOutputUsage,
  AiSdkResponseFormat,
  AiSdkValidationMiddleware,
} from './ai-sdk-model.ts'
export { OutputError, type OutputErrorCode, type OutputErrorInit } from './output-error.ts'
export { validationMiddleware } from './validation-middleware.ts'
export type { OutputSchema, ValidationMiddlewareOptions } from './validation-middleware-options.ts'
