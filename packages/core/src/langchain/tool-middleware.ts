import { requireFunction, requireMethods, withDefaults } from '../errors/index.ts'
import { compose, type Policy } from '../resilience/index.ts'
import type { LangChainToolCall, LangChainToolMiddleware, ToolMessageClass } from './langchain-tool-call.ts'
import { describeToolFailure, type ToolFailure } from './tool-failure.ts'

/** What {@link toolMiddleware} is made of. */
export interface ToolMiddlewareOptions<Message = never> {
  /**
   * Runs around each call of a tool, under the tool's name as its key: a timeout, a bulkhead, `keyed` of a
   * CircuitBreakerRegistry for a breaker of each tool, or several of them composed.
   */
  readonly policy: Policy
  /** Runs around `policy` where a tool may be called again: `retry({ isIdempotent: true })`. Default: none. */
  readonly retry?: Policy | undefined
  /** Whether a tool may be called again with the same arguments. Default {@link isIdempotentTool} of it. */
  readonly isIdempotent?: ((call: LangChainToolCall) => boolean) | undefined
  /** LangChain's class, by which the model is told of a failure. Default: none, failures are thrown, and end the run. */
  readonly ToolMessage?: ToolMessageClass<Message> | undefined
  /**
   * What the model is told of a failure, a policy's or the tool's own; undefined throws it. Default {@link describeToolFailure}.
   */
  readonly tell?: ((failure: ToolFailure) => string | undefined) | undefined
}

const DEFAULTS = Object.freeze({
  policy: undefined,
  retry: undefined,
  isIdempotent: ({ tool }: LangChainToolCall) => tool !== undefined && isIdempotentTool(tool),
  ToolMessage: undefined,
  tell: describeToolFailure,
})

/**
 * What `createMiddleware` of LangChain 1 takes to make a middleware that runs each call of a tool through policies. The
 * tool's own signal fires with that of the policy. That the model gave bad arguments, that a person is asked
 * (`interrupt`) and that the caller gives up says nothing of a tool: no breaker counts it, and no policy repeats the call.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function toolMiddleware<Message = never>(
  options: ToolMiddlewareOptions<Message>,
): LangChainToolMiddleware<Message> {
  const given = withDefaults<ToolMiddlewareOptions<Message>, typeof DEFAULTS>(options, DEFAULTS)
  const policy = requireMethods('policy', given.policy, ['execute'])
  const retry = given.retry && requireMethods('retry', given.retry, ['execute'])
  const isIdempotent = requireFunction('isIdempotent', given.isIdempotent)
  const ToolMessage = given.ToolMessage && requireFunction('ToolMessage', given.ToolMessage)
  const tell = requireFunction('tell', given.tell)
  const once = compose(policy)
  const repeated = retry === undefined ? once : compose(retry, policy)
  return {
    name: 'GoldenArchTools',
    wrapToolCall: async (call, handler) => {
      const { toolCall, tool, runtime } = call
      let hasRun = false
      let ofLangChain: { readonly error: unknown } | undefined
      const calledOff = new AbortController()
      const run = async (signal: AbortSignal) => {
        hasRun = true
        try {
          return await handler({ ...call, tool: heeding(tool, signal) })
        } catch (error) {
          if (isOfLangChain(error)) {
            ofLangChain = { error }
            // It says nothing of the tool, neither ill nor good, as a call does that its caller gave up.
            calledOff.abort()
          }
          throw error
        }
      }
      const own = {
        ...(tool === undefined ? {} : { key: toolCall.name }),
        signal:
          runtime.signal === undefined
            ? calledOff.signal
            : AbortSignal.any([runtime.signal, calledOff.signal]),
      }
      const layers = isIdempotent(call) ? repeated : once
      return layers.execute(run, own).catch((error: unknown) => {
        if (ofLangChain !== undefined) throw ofLangChain.error
        const isCalledOff = runtime.signal?.aborted === true
        const content = isCalledOff || ToolMessage === undefined ? undefined : tell({ error, call, hasRun })
        if (content === undefined || ToolMessage === undefined) throw error
        const { id = '', name } = toolCall
        return new ToolMessage({ content, tool_call_id: id, name, status: 'error' })
      })
    },
  }
}

/**
 * Whether a tool says of itself that it may be called again: `metadata.annotations` with `readOnlyHint` or `idempotentHint`,
 * as in the Model Context Protocol. Believe it of tools that you trust.
 */
export function isIdempotentTool(tool: object): boolean {
  const annotations = memberOf(memberOf(tool, 'metadata'), 'annotations')
  return memberOf(annotations, 'readOnlyHint') === true || memberOf(annotations, 'idempotentHint') === true
}

/** The same tool, whose calls end with this signal too: a middleware has no other way to reach them. */
function heeding<Tool extends object | undefined>(tool: Tool, signal: AbortSignal): Tool {
  const invoke = memberOf(tool, 'invoke')
  if (tool === undefined || typeof invoke !== 'function') return tool
  const value = (input: unknown, config?: { readonly signal?: AbortSignal | undefined }) => {
    const { signal: given } = config ?? {}
    const both = given === undefined ? signal : AbortSignal.any([given, signal])
    return invoke.call(tool, input, { ...config, signal: both })
  }
  // It has all that the tool has.
  return Object.create(tool, { invoke: { value } }) as Tool
}

/** What LangChain throws for itself: that a graph is to stop and wait, and that arguments do not fit a tool's schema. */
function isOfLangChain(error: unknown): boolean {
  const isBadInput = memberOf(error, 'toolCall') !== undefined && memberOf(error, 'toolError') !== undefined
  return isBadInput || memberOf(error, 'is_bubble_up') === true
}

function memberOf(value: unknown, name: string): unknown {
  // Any object may be asked for a member.
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}
