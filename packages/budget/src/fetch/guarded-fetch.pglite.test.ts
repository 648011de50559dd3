import { FakeClock } from '@golden-arch/core/time/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { cutEvents, events, json, ScriptedProvider } from '../model-calls/testing/scripted-provider.ts'
import { createPriceTable } from '../pricing/price-table.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { guardedFetch } from './guarded-fetch.ts'
import type { FetchLike, GuardedFetchOptions } from './guarded-fetch-options.ts'

const prices = createPriceTable({
  version: '1',
  effectiveFrom: new Date('2020-01-01T00:00:00Z'),
  currency: 'USD',
  models: { small: { input: 1_000_000, cachedRead: 100_000, output: 4_000_000 } },
})
const CHUNK = { object: 'chat.completion.chunk', choices: [{ delta: { content: 'Hi' } }], usage: null }
const USAGE = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 }

let database: TestDatabase
let provider: ScriptedProvider
let budgets: BudgetController
let projects = 0
let scope: { readonly tenantId: string; readonly projectId: string }

beforeAll(async () => {
  database = await openPglite()
  budgets = new BudgetController({ database: database.database, prices })
})
afterAll(() => database.close())

beforeEach(async () => {
  provider = await ScriptedProvider.start()
  scope = { tenantId: 't', projectId: `p${projects++}` }
  await limit(100_000)
})
afterEach(() => provider.stop())

const limit = (limitTokens: number) =>
  budgets.setLimit({ scope, limitTokens, actor: { id: 'alice', kind: 'human' } })

const guarded = (options: Partial<GuardedFetchOptions> = {}): FetchLike =>
  guardedFetch(fetch, { budget: budgets, scope, ...options })

const post = (send: FetchLike, body: object, path = '/v1/chat/completions', init: RequestInit = {}) =>
  send(`${provider.url}${path}`, { method: 'POST', body: JSON.stringify(body), ...init })

const chat = { model: 'small', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }

/** Used and held tokens, and that the ledger bears them out. */
async function books(): Promise<{ readonly used: number; readonly held: number }> {
  expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
  const { usedTokens, reservedTokens } = await budgets.state(scope)
  return { used: usedTokens, held: reservedTokens }
}

describe('a call to a model', () => {
  it.each([
    ['Chat Completions', '/v1/chat/completions', chat, { choices: [], usage: USAGE }, 27],
    [
      'Chat Completions, cached and reasoning tokens counted once',
      '/v1/chat/completions',
      chat,
      {
        choices: [],
        usage: {
          ...{ prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 },
          prompt_tokens_details: { cached_tokens: 15 },
          completion_tokens_details: { reasoning_tokens: 25 },
        },
      },
      50,
    ],
    [
      'Responses',
      '/v1/responses',
      { model: 'small', input: 'Hello', max_output_tokens: 100 },
      {
        object: 'response',
        usage: { input_tokens: 11, output_tokens: 5, input_tokens_details: { cached_tokens: 4 } },
      },
      16,
    ],
    [
      'Messages, whose cached tokens stand beside the input',
      '/v1/messages',
      chat,
      {
        type: 'message',
        usage: {
          input_tokens: 3,
          output_tokens: 5,
          cache_read_input_tokens: 40,
          cache_creation_input_tokens: 2,
        },
      },
      50,
    ],
    [
      'embeddings',
      '/v1/embeddings',
      { model: 'small', input: ['Hello'] },
      { object: 'list', data: [], usage: { prompt_tokens: 9, total_tokens: 9 } },
      9,
    ],
  ])('of %s is charged what its answer says', async (_name, path, body, answer, used) => {
    provider.answer(json(answer))
    const response = await post(guarded(), body, path)
    expect(await response.json()).toEqual(answer)
    expect(response.url).toBe(`${provider.url}${path}`)
    expect(await books()).toEqual({ used, held: 0 })
  })

  it('holds its estimate until its answer has been read', async () => {
    provider.answer(json({ usage: USAGE }))
    const response = await post(guarded({ bytesPerToken: 1 }), chat)
    expect(await books()).toEqual({ used: 0, held: JSON.stringify(chat).length + 100 })
    await response.text()
    expect(await books()).toEqual({ used: 27, held: 0 })
  })

  it('is held and charged by the price of its model where that is asked for', async () => {
    const money = { scope, limitMoney: { currency: 'USD', micros: 1000n }, limitTokens: null }
    await budgets.setLimit({ ...money, actor: { id: 'alice', kind: 'human' } })
    provider.answer(json({ usage: USAGE }))
    await (await post(guarded({ hold: 'price' }), chat)).text()
    const { money: state } = await budgets.state(scope)
    expect(state?.used).toEqual({ currency: 'USD', micros: 20n + 4n * 7n })
  })

  it('that asks for n answers holds for each of them', async () => {
    provider.answer(json({ usage: USAGE }))
    const response = await post(guarded({ bytesPerToken: 16 }), { ...chat, n: 3 })
    expect((await books()).held).toBeGreaterThan(300)
    await response.text()
  })

  it('comes as a Request, as bytes and as a Blob alike', async () => {
    const url = `${provider.url}/v1/chat/completions`
    const text = JSON.stringify(chat)
    const bodies = [new TextEncoder().encode(text), new TextEncoder().encode(text).buffer, new Blob([text])]
    for (const body of bodies) {
      provider.answer(json({ usage: USAGE }))
      await (await guarded()(new URL(url), { method: 'POST', body })).text()
    }
    provider.answer(json({ usage: USAGE }))
    await (await guarded()(new Request(url, { method: 'POST', body: text }))).text()
    expect(provider.calls.map(({ body }) => body)).toEqual([chat, chat, chat, chat])
    expect(await books()).toEqual({ used: 4 * 27, held: 0 })
  })

  it('without usage in its answer, or with one that is larger than may be looked at, is charged its hold', async () => {
    provider.answer(json({ choices: [] }), json({ filling: 'x'.repeat(2000), usage: USAGE }))
    for (const _ of [1, 2])
      await (await post(guarded({ bytesPerToken: 16, maxAnswerBytes: 1024 }), chat)).text()
    const held = Math.ceil(JSON.stringify(chat).length / 16) + 100
    expect(await books()).toEqual({ used: 2 * held, held: 0 })
  })
})

describe('a stream', () => {
  const streamed = { ...chat, stream: true }

  it('of Chat Completions is asked for its usage and charged it', async () => {
    provider.answer(events(CHUNK, { choices: [], usage: USAGE }, '[DONE]'))
    const text = await (await post(guarded(), streamed)).text()
    expect(text).toContain('"content":"Hi"')
    expect(provider.calls[0]?.body).toEqual({ ...streamed, stream_options: { include_usage: true } })
    expect(await books()).toEqual({ used: 27, held: 0 })
  })

  it.each([
    ['of the Request', undefined, 'Bearer first'],
    ['given beside it, in place of them', { authorization: 'Bearer second' }, 'Bearer second'],
  ])('that a Request asks for with its body beside it has the headers %s', async (_, headers, sent) => {
    provider.answer(events(CHUNK, { choices: [], usage: USAGE }, '[DONE]'))
    const request = new Request(`${provider.url}/v1/chat/completions`, {
      headers: { authorization: 'Bearer first', 'x-first': 'yes' },
    })
    const init = { method: 'POST', body: JSON.stringify(streamed), ...(headers && { headers }) }
    await (await guarded()(request, init)).text()
    expect(provider.calls[0]?.headers).toMatchObject({ authorization: sent })
    expect(provider.calls[0]?.headers['x-first']).toBe(headers === undefined ? 'yes' : undefined)
    expect(provider.calls[0]?.body).toEqual({ ...streamed, stream_options: { include_usage: true } })
  })

  it('is left as it is where the call says itself, or the option', async () => {
    const own = { ...streamed, stream_options: { include_usage: false } }
    provider.answer(events(CHUNK, '[DONE]'), events(CHUNK, '[DONE]'))
    await (await post(guarded(), own)).text()
    await (await post(guarded({ includeUsage: false }), streamed)).text()
    expect(provider.calls.map(({ body }) => body)).toEqual([own, streamed])
  })

  it('of Messages is charged the counts of its last word over those of its first', async () => {
    provider.answer(
      events(
        {
          type: 'message_start',
          message: { usage: { input_tokens: 30, cache_read_input_tokens: 10, output_tokens: 1 } },
        },
        { type: 'content_block_delta', delta: { text: 'Hi' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 12 } },
        { type: 'message_stop' },
      ),
    )
    await (await post(guarded(), streamed, '/v1/messages')).text()
    expect(await books()).toEqual({ used: 52, held: 0 })
  })

  it('of Responses is charged what its end says', async () => {
    const usage = { input_tokens: 8, output_tokens: 9, total_tokens: 17 }
    provider.answer(
      events(
        { type: 'response.created', response: { usage: null } },
        { type: 'response.completed', response: { usage } },
      ),
    )
    await (await post(guarded(), { model: 'small', input: 'Hello', stream: true }, '/v1/responses')).text()
    expect(await books()).toEqual({ used: 17, held: 0 })
  })

  it('that breaks off is charged its hold, or its input where that is more', async () => {
    const options = { bytesPerToken: 16 }
    const held = Math.ceil(JSON.stringify(streamed).length / 16) + 100
    provider.answer(cutEvents(CHUNK, { choices: [{}], usage: USAGE }))
    await expect((await post(guarded(options), streamed)).text()).rejects.toThrow('terminated')
    expect(await books()).toEqual({ used: held, held: 0 })
    const start = { type: 'message_start', message: { usage: { input_tokens: 5000, output_tokens: 1 } } }
    provider.answer(cutEvents(start))
    await expect((await post(guarded(options), streamed, '/v1/messages')).text()).rejects.toThrow(
      'terminated',
    )
    expect(await books()).toEqual({ used: held + 5000, held: 0 })
  })

  it('that breaks off after it told its usage is charged that', async () => {
    provider.answer(cutEvents(CHUNK, { choices: [], usage: USAGE }))
    await expect((await post(guarded(), streamed)).text()).rejects.toThrow('terminated')
    expect(await books()).toEqual({ used: 27, held: 0 })
  })

  it('that its reader lets go of is settled, and its connection closed', async () => {
    const closed = Promise.withResolvers<void>()
    provider.answer((response) => {
      response.once('close', () => closed.resolve())
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`data: ${JSON.stringify(CHUNK)}\n\n`)
    })
    const response = await post(guarded({ bytesPerToken: 16 }), streamed)
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await closed.promise
    expect(await books()).toEqual({ used: Math.ceil(JSON.stringify(streamed).length / 16) + 100, held: 0 })
  })

  it('that nobody reads holds no longer than a call may take', async () => {
    const clock = new FakeClock()
    provider.answer(
      (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    )
    const response = await post(guarded({ maxCallMs: 1000, clock }), streamed)
    expect((await books()).held).toBeGreaterThan(0)
    await clock.advance(1000)
    await expect(response.text()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect((await books()).held).toBe(0)
  })
})
