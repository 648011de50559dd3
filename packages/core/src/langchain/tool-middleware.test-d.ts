import { createMiddleware, ToolMessage } from 'langchain'
import { createMiddleware as createMiddlewareV1, ToolMessage as ToolMessageV1 } from 'langchain-v1-0'
import { expectTypeOf } from 'vitest'
import type { Policy } from '../resilience/index.ts'
import { toolMiddleware } from './tool-middleware.ts'

declare const policy: Policy

expectTypeOf(createMiddleware(toolMiddleware({ policy }))).toHaveProperty('wrapToolCall')
expectTypeOf(createMiddleware(toolMiddleware({ policy, ToolMessage }))).toHaveProperty('wrapToolCall')
expectTypeOf(createMiddlewareV1(toolMiddleware({ policy, ToolMessage: ToolMessageV1 }))).toHaveProperty(
  'wrapToolCall',
)
