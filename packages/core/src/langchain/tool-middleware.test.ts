import { fakeModel } from '@langchain/core/testing'
import { interrupt, MemorySaver } from '@langchain/langgraph'
import * as langchain from 'langchain'
import * as langchainV1 from 'langchain-v1-0'
import { describe, expect, it } from 'vitest'
import {
  bulkhead,
  CircuitBreaker,
  CircuitBreakerRegistry,
  compose,
  type Policy,
  retry,
  timeout,
} from '../resilience/index.ts'
import { FakeClock } from '../time/testing/index.ts'
import { isIdempotentTool, type ToolMiddlewareOptions, toolMiddleware } from './tool-middleware.ts'

type LangChain = typeof langchain

const LANGCHAINS: readonly (readonly [name: string, langchain: LangChain])[] = [
  ['langchain 1.5', langchain],
  // What is called of it here has not changed its shape since.
  ['langchain 1.0', langchainV1 as unknown as LangChain],
]
const { ToolMessage } = langchain
const MAY_REPEAT = { annotations: { idempotentHint: true } }
const PASSES: Policy = { execute: async (call) => call(new AbortController().signal) }

/** A run in which the model calls a tool, and then says that it is done. */
interface ToolRun {
  /** Whether the middleware has LangChain's class of messages. */
  readonly tellsModel?: boolean
  readonly guard?: Partial<ToolMiddlewareOptions<langchain.ToolMessage>>
  readonly work?: (input: { readonly at: string }, runtime: { readonly signal?: AbortSignal }) => unknown
  readonly metadata?: object
  readonly calls?: string
  readonly args?: object
  readonly signal?: AbortSignal
}

async function run({ createAgent, createMiddleware, tool }: LangChain, given: ToolRun) {
  const {
    guard,
    tellsModel = true,
    work = () => 'seen',
    metadata = {},
    calls = 'look',
    args = { at: 'it' },
    signal,
  } = given
  const look = tool(work as () => unknown, {
    ...{ name: 'look', description: 'Looks at it.', metadata: { ...metadata } },
    schema: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
  })
  const model = fakeModel()
    .respondWithTools([{ name: calls, args: { ...args }, id: 't0' }])
    .respond(new langchain.AIMessage('done'))
  const middleware = [
    createMiddleware(toolMiddleware({ policy: PASSES, ...(tellsModel ? { ToolMessage } : {}), ...guard })),
  ]
  const agent = createAgent({ model, tools: [look], middleware })
  const start = { messages: [{ role: 'user' as const, content: 'Look.' }] }
  const { messages } = await agent.invoke(start, signal === undefined ? {} : { signal })
  return messages
    .filter((one) => ToolMessage.isInstance(one))
    .map(({ status, text, tool_call_id, name }) => {
      return { status, text, tool_call_id, name }
    })
}

const registry = (failureThreshold: number) =>
  new CircuitBreakerRegistry({ failureThreshold, clock: new FakeClock(), recoveryTimeoutMs: 30_000 })
const told = (text: string | undefined): unknown => JSON.parse(text ?? '')

describe.each(LANGCHAINS)('a tool of an agent of %s, behind policies', (_name, sdk) => {
  it('answers as it does', async () => {
    const policy = compose(
      bulkhead({ maxConcurrent: 1 }),
      registry(1).keyed('tool'),
      timeout({ timeoutMs: 60_000 }),
    )
    const [answer] = await run(sdk, { guard: { policy } })
    expect(answer).toMatchObject({ text: 'seen', tool_call_id: 't0' })
    expect(answer?.status).not.toBe('error')
  })

  it('has a breaker by its name, whose refusal the model is told', async () => {
    const breakers = registry(1)
    const work = () => {
      throw new Error('broken')
    }
    const [failed] = await run(sdk, { guard: { policy: breakers.keyed('tool') }, work })
    expect(told(failed?.text)).toEqual({
      ...{ error: 'TOOL_FAILED', message: 'look threw Error', may_have_been_done: true },
    })
    expect(breakers.list().map(({ name, state }) => [name, state.status])).toEqual([['tool/look', 'open']])
    const [refused] = await run(sdk, { guard: { policy: breakers.keyed('tool') } })
    expect(refused).toMatchObject({ status: 'error', tool_call_id: 't0', name: 'look' })
    expect(told(refused?.text)).toEqual({
      error: 'CIRCUIT_OPEN',
      message: expect.stringContaining('circuit tool/look is open'),
      may_have_been_done: false,
      retry_after_ms: 30_000,
    })
  })

  it('shows its answer to a breaker, which may take it for a failure', async () => {
    const seen: unknown[] = []
    const breaker = new CircuitBreaker('look', {
      failureThreshold: 1,
      isFailure: (one) => seen.push(one) > 0,
    })
    await run(sdk, { guard: { policy: breaker } })
    expect(seen).toEqual([expect.objectContaining({ tool_call_id: 't0', content: 'seen' })])
    expect(breaker.state.status).toBe('open')
  })

  it('is ended by a timeout, and the model is told that it may have done its work', async () => {
    const clock = new FakeClock()
    const work = () => {
      clock.advance(50)
      return new Promise(() => {})
    }
    const [answer] = await run(sdk, { guard: { policy: timeout({ timeoutMs: 50, clock }) }, work })
    expect(told(answer?.text)).toEqual({
      ...{ error: 'TIMEOUT', message: 'no result within 50 ms', may_have_been_done: true },
    })
  })

  it('is called again where it says that it may be, and nowhere else', async () => {
    const again = retry({ maxAttempts: 3, isIdempotent: true, random: () => 0 })
    const failing = (log: string[]) => () => {
      log.push('call')
      if (log.length < 3) throw new Error('broken')
      return 'seen'
    }
    const idempotent: string[] = []
    const [answer] = await run(sdk, {
      guard: { retry: again },
      work: failing(idempotent),
      metadata: MAY_REPEAT,
    })
    expect(answer).toMatchObject({ text: 'seen' })
    expect(idempotent).toHaveLength(3)
    const plain: string[] = []
    const [failed] = await run(sdk, { guard: { retry: again }, work: failing(plain) })
    expect(failed).toMatchObject({ status: 'error' })
    expect(plain).toHaveLength(1)
    const judged: string[] = []
    const isIdempotent = ({ toolCall }: { readonly toolCall: { readonly name: string } }) =>
      toolCall.name === 'look'
    await run(sdk, { guard: { retry: again, isIdempotent }, work: failing(judged) })
    expect(judged).toHaveLength(3)
  })

  it('throws where the model is not to be told', async () => {
    const work = () => {
      throw new Error('broken')
    }
    await expect(run(sdk, { tellsModel: false, work })).rejects.toThrow('broken')
    const breakers = registry(1)
    breakers.get('tool/look').forceOpen({ actor: { id: 'ada', kind: 'human' }, reason: 'closed for the day' })
    const policy = breakers.keyed('tool')
    await expect(run(sdk, { guard: { policy, tell: () => undefined } })).rejects.toThrow('closed for the day')
    const [isolated] = await run(sdk, { guard: { policy } })
    expect(told(isolated?.text)).toMatchObject({ error: 'CIRCUIT_ISOLATED', may_have_been_done: false })
    const [worded] = await run(sdk, {
      guard: { policy, tell: ({ call }) => `no ${call.toolCall.name} today` },
    })
    expect(worded).toMatchObject({ status: 'error', text: 'no look today' })
  })

  it('ends with the caller, who is not answered by a message', async () => {
    const caller = new AbortController()
    const work = () => {
      caller.abort()
      return new Promise(() => {})
    }
    const guard = { policy: timeout({ timeoutMs: 60_000 }), tell: () => 'told' }
    await expect(run(sdk, { guard, work, signal: caller.signal })).rejects.toThrow(/abort/i)
  })
})

describe('a tool of an agent of langchain 1.5, behind policies', () => {
  it('sees its signal fire with the policy', async () => {
    const clock = new FakeClock()
    const reasons: unknown[] = []
    const work: ToolRun['work'] = (_input, { signal }) => {
      signal?.addEventListener('abort', () => reasons.push(signal.reason))
      clock.advance(50)
      return new Promise(() => {})
    }
    await run(langchain, { guard: { policy: timeout({ timeoutMs: 50, clock }) }, work })
    expect(reasons).toEqual([expect.objectContaining({ code: 'TIMEOUT' })])
  })

  it('does not count arguments that do not fit, which LangChain tells the model itself', async () => {
    const breakers = registry(1)
    const [answer] = await run(langchain, { guard: { policy: breakers.keyed('tool') }, args: { at: 7 } })
    expect(answer).toMatchObject({ status: 'error', text: expect.stringContaining('did not match') })
    expect(breakers.list().map(({ state }) => state.status)).toEqual(['closed'])
  })

  it('has no breaker of its own where the model made its name up', async () => {
    const breakers = registry(1)
    const [answer] = await run(langchain, { guard: { policy: breakers.keyed('tool') }, calls: 'invented' })
    expect(answer).toMatchObject({ status: 'error', text: expect.stringContaining('not a valid tool') })
    expect(breakers.list().map(({ name }) => name)).toEqual(['tool'])
  })

  it('may ask a person, which is no failure', async () => {
    const breakers = registry(1)
    const ask = langchain.tool(() => interrupt('may I?'), { name: 'ask', description: 'Asks.', schema: {} })
    const model = fakeModel().respondWithTools([{ name: 'ask', args: {}, id: 't0' }])
    const policy = compose(retry({ isIdempotent: true }), breakers.keyed('tool'))
    const middleware = [langchain.createMiddleware(toolMiddleware({ policy, ToolMessage }))]
    const agent = langchain.createAgent({ model, tools: [ask], middleware, checkpointer: new MemorySaver() })
    const start = { messages: [{ role: 'user' as const, content: 'Ask.' }] }
    const stopped = await agent.invoke(start, { configurable: { thread_id: '1' } })
    expect(stopped).toMatchObject({ __interrupt__: [{ value: 'may I?' }] })
    expect(breakers.list().map(({ state, failureCount }) => [state.status, failureCount])).toEqual([
      ['closed', 0],
    ])
  })
})

it('leaves an open circuit as it is where arguments do not fit: the service was not asked', async () => {
  const clock = new FakeClock()
  const isAsked: unknown[] = []
  const isFailure = (result: unknown): boolean => isAsked.push(result) < 0
  const breaker = new CircuitBreaker('look', {
    ...{ clock, failureThreshold: 1, recoveryTimeoutMs: 30_000, successThreshold: 1, isFailure },
  })
  const { wrapToolCall } = toolMiddleware({ policy: breaker })
  const call = { toolCall: { name: 'look', args: {} }, runtime: {} }
  const fail = (error: Error) => wrapToolCall(call, () => Promise.reject(error))
  await expect(fail(new Error('down'))).rejects.toThrow('down')
  await clock.advance(30_000)
  const unfit = Object.assign(new Error('at is missing'), { toolCall: {}, toolError: {} })
  await expect(fail(unfit)).rejects.toBe(unfit)
  expect(breaker.state.status).toBe('half-open')
  expect(isAsked).toEqual([])
  expect(await wrapToolCall(call, () => 'seen')).toBe('seen')
  expect(breaker.state.status).toBe('closed')
})

it('makes no message for a caller who has given up', async () => {
  const { wrapToolCall } = toolMiddleware({
    policy: timeout({ timeoutMs: 60_000 }),
    ToolMessage,
    tell: () => 'told',
  })
  const caller = new AbortController()
  const call = { toolCall: { name: 'look', args: {} }, runtime: { signal: caller.signal } }
  const answer = wrapToolCall(call, () => {
    caller.abort()
    throw new Error('broken')
  })
  await expect(answer).rejects.toThrow()
})

it('believes of a tool what its annotations say', () => {
  expect(isIdempotentTool({ metadata: MAY_REPEAT })).toBe(true)
  expect(isIdempotentTool({ metadata: { annotations: { readOnlyHint: true } } })).toBe(true)
  for (const metadata of [
    undefined,
    {},
    { annotations: { idempotentHint: 'yes' } },
    { idempotentHint: true },
  ]) {
    expect(isIdempotentTool({ metadata })).toBe(false)
  }
})

it.each([{ policy: undefined }, { retry: 7 }, { isIdempotent: true }, { tell: 'all' }, { ToolMessage: {} }])(
  'refuses %j',
  (bad) => {
    // They are wrong on purpose.
    const options = { policy: PASSES, ...bad } as unknown as ToolMiddlewareOptions
    expect(() => toolMiddleware(options)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option: Object.keys(bad)[0] }) }),
    )
  },
)
