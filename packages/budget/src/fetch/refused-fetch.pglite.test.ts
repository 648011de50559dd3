import { CircuitBreaker, compose, llmRetry } from '@golden-arch/core/resilience'
import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { events, json, ScriptedProvider } from '../model-calls/testing/scripted-provider.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { guardedFetch } from './guarded-fetch.ts'
import type { FetchLike, GuardedFetchOptions } from './guarded-fetch-options.ts'

const USAGE = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 }
const chat = { model: 'small', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }
/** What a call of that body holds at 16 bytes to the token. */
const HELD = Math.ceil(JSON.stringify(chat).length / 16) + 100
const LIMIT = 1000

let database: TestDatabase
let provider: ScriptedProvider
let budgets: BudgetController
let projects = 0
let scope: { readonly tenantId: string; readonly projectId: string }

beforeAll(async () => {
  database = await openPglite()
  budgets = new BudgetController({ database: database.database })
})
afterAll(() => database.close())

beforeEach(async () => {
  provider = await ScriptedProvider.start()
  scope = { tenantId: 't', projectId: `p${projects++}` }
  await budgets.setLimit({ scope, limitTokens: LIMIT, actor: { id: 'alice', kind: 'human' } })
})
afterEach(() => provider.stop())

const guarded = (options: Partial<GuardedFetchOptions> = {}): FetchLike =>
  guardedFetch(fetch, { budget: budgets, scope, bytesPerToken: 16, ...options })

const post = (send: FetchLike, body: object = chat, init: RequestInit = {}) =>
  send(`${provider.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body), ...init })

async function books(): Promise<{ readonly used: number; readonly held: number }> {
  expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
  const { usedTokens, reservedTokens } = await budgets.state(scope)
  return { used: usedTokens, held: reservedTokens }
}

describe('a call that the budget has no room for', () => {
  const dear = { ...chat, max_tokens: LIMIT }

  it('is not sent, and answered 402 with the reason, for no library to try again', async () => {
    const answer = await post(guarded(), dear)
    expect(answer.status).toBe(402)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(await answer.json()).toMatchObject({
      error: { code: 'BUDGET_EXHAUSTED', details: { level: 'project', availableTokens: LIMIT } },
    })
    expect(provider.calls).toEqual([])
    expect(await books()).toEqual({ used: 0, held: 0 })
  })

  it('throws where that is asked for', async () => {
    await expect(post(guarded({ refusals: 'throw' }), dear)).rejects.toMatchObject({
      code: 'BUDGET_EXHAUSTED',
    })
  })

  it('is not tried again by a policy', async () => {
    const policy = llmRetry({ maxAttempts: 3 })
    expect((await post(guarded({ policy }), dear)).status).toBe(402)
  })
})

describe('a call that nobody can estimate', () => {
  const upload = (send: FetchLike) => {
    const form = new FormData()
    form.set('file', new Blob(['sound']), 'sound.mp3')
    return send(`${provider.url}/v1/audio/transcriptions?key=secret`, { method: 'POST', body: form })
  }

  it('is refused, without what its address holds', async () => {
    const answer = await upload(guarded())
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'CALL_UNREADABLE',
        details: { method: 'POST', url: `${provider.url}/v1/audio/transcriptions` },
      },
    })
    expect(provider.calls).toEqual([])
  })

  it('is held as its estimate says', async () => {
    provider.answer(json({ text: 'words', usage: { input_tokens: 14, output_tokens: 3 } }))
    const estimate = () => ({ inputTokens: 300, maxOutputTokens: 50 })
    await (await upload(guarded({ estimate }))).text()
    expect(await books()).toEqual({ used: 17, held: 0 })
  })
})

it('a Request is sent whole by each attempt of a policy', async () => {
  const failing = json({ error: { message: 'later' } }, 429, { 'retry-after-ms': '1' })
  provider.answer(failing, json({ usage: { prompt_tokens: 20, completion_tokens: 7 } }))
  const send = guarded({ policy: llmRetry({ maxAttempts: 2 }) })
  const url = `${provider.url}/v1/chat/completions`
  const answer = await send(new Request(url, { method: 'POST', body: JSON.stringify(chat) }))
  await answer.text()
  expect(provider.calls.map(({ body }) => body)).toEqual([chat, chat])
  expect(await books()).toEqual({ used: 27, held: 0 })
})

it.each([
  ['GET', '/v1/models', undefined],
  ['DELETE', '/v1/responses/7', undefined],
  ['POST', '/v1/messages/count_tokens', chat],
  ['POST', '/v1/responses/7/cancel', {}],
])('%s %s costs nothing and passes', async (method, path, body) => {
  provider.answer(json({ done: true }))
  const answer = await guarded()(`${provider.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(await answer.json()).toEqual({ done: true })
  expect(await books()).toEqual({ used: 0, held: 0 })
})

describe('a call that fails', () => {
  it.each([
    [429, 0],
    [400, 0],
    [529, 0],
    [500, HELD],
    [504, HELD],
  ])('by an answer of %i is charged %i, and the answer is the caller’s', async (status, used) => {
    provider.answer(json({ error: { message: 'no' } }, status, { 'retry-after': '7' }))
    const answer = await post(guarded())
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, '7'])
    expect(await answer.json()).toEqual({ error: { message: 'no' } })
    expect(await books()).toEqual({ used, held: 0 })
  })

  it('before anything was sent gives its hold back, and throws as fetch does', async () => {
    // As fetch fails where nobody listens.
    const refused = async (): Promise<never> => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      })
    }
    await expect(post(guardedFetch(refused, { budget: budgets, scope }))).rejects.toThrow('fetch failed')
    expect(await books()).toEqual({ used: 0, held: 0 })
  })

  it('on the way is charged its hold, or as the option says', async () => {
    const lose = (response: { destroy(): void }): void => response.destroy()
    provider.answer(lose, lose)
    await expect(post(guarded())).rejects.toThrow('fetch failed')
    expect(await books()).toEqual({ used: HELD, held: 0 })
    await expect(post(guarded({ onUnknownUsage: 'release' }))).rejects.toThrow('fetch failed')
    expect(await books()).toEqual({ used: HELD, held: 0 })
  })

  it('because its caller gave up throws what the caller gave as the reason', async () => {
    const reason = new Error('enough')
    const caller = new AbortController()
    provider.answer(() => caller.abort(reason))
    await expect(post(guarded(), chat, { signal: caller.signal })).rejects.toBe(reason)
    expect(await books()).toEqual({ used: HELD, held: 0 })
    await expect(post(guarded(), chat, { signal: caller.signal })).rejects.toBe(reason)
    expect(await books()).toEqual({ used: HELD, held: 0 })
  })

  it('in its stream because its caller gave up is settled, though nobody reads on', async () => {
    const caller = new AbortController()
    provider.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': \n\n')
    })
    const answer = await post(guarded(), { ...chat, stream: true }, { signal: caller.signal })
    caller.abort(new Error('enough'))
    await expect(answer.text()).rejects.toThrow('enough')
    expect((await books()).held).toBe(0)
  })

  it('to be charged fails in the last moment of its answer', async () => {
    const broken = {
      withBudget: (...[request, run, options]: Parameters<BudgetController['withBudget']>) =>
        budgets.withBudget(request, run, options).then(() => Promise.reject(new Error('the books are shut'))),
    } as Pick<BudgetController, 'withBudget'>
    provider.answer(json({ usage: USAGE }))
    const answer = await post(guarded({ budget: broken }))
    await expect(answer.text()).rejects.toThrow('the books are shut')
  })
})

describe('a call that is never answered', () => {
  it('ends with the time that a call may take, though its fetch heeds no signal, and is charged its hold', async () => {
    const clock = new FakeClock()
    const asked = Promise.withResolvers<void>()
    const late = Promise.withResolvers<Response>()
    const deaf: FetchLike = () => {
      asked.resolve()
      return late.promise
    }
    const options = { budget: budgets, scope, bytesPerToken: 16, maxCallMs: 1000, clock }
    const sent = post(guardedFetch(deaf, options))
    await asked.promise
    await clock.advance(1000)
    const answer = await sent
    expect([answer.status, await answer.json()]).toMatchObject([
      504,
      { error: { code: 'DEADLINE_EXCEEDED' } },
    ])
    expect(await books()).toEqual({ used: HELD, held: 0 })
    const left = Promise.withResolvers<void>()
    late.resolve(new Response(new ReadableStream({ cancel: () => left.resolve() })))
    await left.promise
  })
})

describe('under a policy', () => {
  const policy = llmRetry({ maxAttempts: 3, backoff: { initialDelayMs: 1, maxDelayMs: 1 } })

  it('each attempt has a hold of its own', async () => {
    provider.answer(json({}, 429), json({}, 500), json({ usage: USAGE }))
    const answer = await post(guarded({ policy }))
    expect(await answer.json()).toEqual({ usage: USAGE })
    expect(provider.calls).toHaveLength(3)
    expect(await books()).toEqual({ used: HELD + 27, held: 0 })
  })

  it('the last failure is the answer, whole', async () => {
    provider.answer(json({ try: 1 }, 503), json({ try: 2 }, 503), json({ try: 3 }, 503))
    const answer = await post(guarded({ policy }))
    expect([answer.status, await answer.json()]).toEqual([503, { try: 3 }])
    expect(await books()).toEqual({ used: 3 * HELD, held: 0 })
  })

  it('an open breaker refuses before anything is held, with the time to come back', async () => {
    const breaker = new CircuitBreaker('provider', { failureThreshold: 1, recoveryTimeoutMs: 30_000 })
    provider.answer(json({}, 500))
    expect((await post(guarded({ policy: breaker }))).status).toBe(500)
    const answer = await post(guarded({ policy: breaker }))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30'])
    expect(await answer.json()).toMatchObject({ error: { code: 'CIRCUIT_OPEN' } })
    expect(provider.calls).toHaveLength(1)
  })

  it('a breaker hears nothing of what a budget refuses, nor of a database that cannot be asked', async () => {
    const breaker = new CircuitBreaker('provider', { failureThreshold: 1 })
    const policy = compose(llmRetry(), breaker)
    const dear = { ...chat, max_tokens: LIMIT }
    expect((await post(guarded({ policy }), dear)).status).toBe(402)
    expect((await post(guarded({ policy, scope: { tenantId: 'nobody', projectId: 'p' } }))).status).toBe(400)
    const lost = (): Promise<never> => Promise.reject(StorageError.of('DATABASE_UNAVAILABLE', 'away'))
    const away = new BudgetController({
      database: {
        capabilities: database.database.capabilities,
        query: lost,
        transaction: lost,
      } as unknown as SqlDatabase,
    })
    expect((await post(guarded({ policy: breaker, budget: away }))).status).toBe(503)
    expect([breaker.state.status, breaker.failureCount]).toEqual(['closed', 0])
    expect(provider.calls).toEqual([])
    provider.answer(json({ usage: USAGE }))
    expect((await post(guarded({ policy }))).status).toBe(200)
  })

  it('a breaker that a person holds open is no fault of the call', async () => {
    const breaker = new CircuitBreaker('provider')
    breaker.forceOpen({ actor: { id: 'ada', kind: 'human' }, reason: 'incident 12' })
    const answer = await post(guarded({ policy: breaker }))
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'CIRCUIT_ISOLATED' } }])
    expect([provider.calls, await books()]).toEqual([[], { used: 0, held: 0 }])
  })
})

it('who pays is asked for each call', async () => {
  provider.answer(events({ choices: [], usage: USAGE }))
  const send = guarded({ scope: (call) => ({ ...scope, taskId: String(call.body?.user) }) })
  await (await post(send, { ...chat, user: 'task-7' })).text()
  expect(await books()).toEqual({ used: 27, held: 0 })
})

it.each([
  [{ budget: {} }, 'budget'],
  [{ scope: undefined }, 'scope'],
  [{ policy: {} }, 'policy'],
  [{ estimate: 7 }, 'estimate'],
  [{ hold: 'money' }, 'hold'],
  [{ bytesPerToken: 0 }, 'bytesPerToken'],
  [{ maxOutputTokens: 0 }, 'maxOutputTokens'],
  [{ onUnknownUsage: 'guess' }, 'onUnknownUsage'],
  [{ includeUsage: 'yes' }, 'includeUsage'],
  [{ refusals: 'swallow' }, 'refusals'],
  [{ maxCallMs: 0 }, 'maxCallMs'],
  [{ maxAnswerBytes: 1 }, 'maxAnswerBytes'],
])('refuses %j', (options, option) => {
  // They are wrong on purpose.
  const bad = options as Partial<GuardedFetchOptions>
  expect(() => guarded(bad)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ option }) }),
  )
})
