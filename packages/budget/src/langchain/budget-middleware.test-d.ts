import { createMiddleware } from 'langchain'
import { createMiddleware as createMiddlewareV1 } from 'langchain-v1-0'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { LangChainBudgetMiddleware } from './langchain-model-call.ts'

declare const middleware: LangChainBudgetMiddleware
declare const ofTenants: LangChainBudgetMiddleware<{ tenantId: string }>
const contextSchema = z.object({ tenantId: z.string() })

expectTypeOf(createMiddleware(middleware)).toHaveProperty('wrapModelCall')
expectTypeOf(createMiddlewareV1(middleware)).toHaveProperty('wrapModelCall')
expectTypeOf(createMiddleware({ contextSchema, ...ofTenants })).toHaveProperty('wrapModelCall')
expectTypeOf(createMiddlewareV1({ contextSchema, ...ofTenants })).toHaveProperty('wrapModelCall')
// @ts-expect-error: the context of the agent has no tenant
createMiddleware(ofTenants)
