import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { complete, sendEvents, startEndpoint, type TestEndpoint } from '../../testing/model-endpoint.ts'
import { ModelClient } from './model-client.ts'
import type { ModelCall, ModelOutcome } from './models/model-port.ts'

const MESSAGES = [{ role: 'user' as const, content: 'hello' }]

let endpoint: TestEndpoint | undefined

afterEach(() => endpoint?.stop())

async function outcomeOf(
  answer: Parameters<typeof startEndpoint>[0],
  options: Partial<ModelCall> = {},
): Promise<ModelOutcome> {
  endpoint = await startEndpoint(answer)
  const client = new ModelClient({ baseUrl: endpoint.baseUrl, apiKey: 'key', model: 'm' })
  return client.complete({ messages: MESSAGES, maxOutputTokens: 10, headers: {}, ...options })
}

describe('a model client', () => {
  it('reads an answer with its usage', async () => {
    expect(await outcomeOf((response) => complete(response, 'hi'))).toEqual({
      kind: 'answered',
      content: 'hi',
      refusal: null,
      finishReason: 'stop',
      totalTokens: 100,
    })
  })

  it('reads an answer without usage', async () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'hi' } }] })
    const outcome = await outcomeOf((response) => response.end(body))
    expect(outcome).toMatchObject({ kind: 'answered', content: 'hi', totalTokens: null })
  })

  it('reads a refusal, as the database can keep it', async () => {
    const message = { content: null, refusal: `no\u0000${'x'.repeat(5000)}` }
    const body = JSON.stringify({ choices: [{ message }], usage: { total_tokens: 7 } })
    const outcome = await outcomeOf((response) => response.end(body))
    expect(outcome).toMatchObject({ kind: 'answered', content: '', totalTokens: 7 })
    if (outcome.kind !== 'answered') throw new Error('not answered')
    expect(outcome.refusal).toBe(`no\ufffd${'x'.repeat(1997)}`)
  })

  it.each([
    [429, { kind: 'not-billed', isTransient: true }],
    [503, { kind: 'not-billed', isTransient: true }],
    [400, { kind: 'not-billed', isTransient: false }],
    [401, { kind: 'not-billed', isTransient: false }],
    [307, { kind: 'not-billed', isTransient: false }],
    [500, { kind: 'unknown' }],
    [502, { kind: 'unknown' }],
    [504, { kind: 'unknown' }],
  ])('takes HTTP %i for what it says of the bill', async (status, expected) => {
    const outcome = await outcomeOf((response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('sorry'),
    )
    expect(outcome).toMatchObject({ ...expected, problem: `HTTP ${status}` })
  })

  it.each([
    ['is no JSON', '<html>'],
    ['is no completion', '{"choices":[]}'],
    ['is larger than 1 MiB', 'x'.repeat(1024 * 1024 + 1)],
  ])('does not know the end of a call whose answer %s', async (_, body) => {
    const outcome = await outcomeOf((response) => response.end(body))
    const problem = body.length > 1024 ? 'answer larger than 1048576 bytes' : 'not a chat completion'
    expect(outcome).toEqual({ kind: 'unknown', problem })
  })

  it('does not know the end of a call that was cut off', async () => {
    const outcome = await outcomeOf((response) => {
      response.writeHead(200, { 'content-length': '4096' })
      response.write('{"id":', () => response.destroy())
    })
    expect(outcome.kind).toBe('unknown')
  })

  it('knows that nothing was sent where nobody listens', async () => {
    endpoint = await startEndpoint(() => undefined)
    const { baseUrl } = endpoint
    await endpoint.stop()
    const client = new ModelClient({ baseUrl, apiKey: 'key', model: 'm' })
    const outcome = await client.complete({ messages: MESSAGES, maxOutputTokens: 1, headers: {} })
    expect(outcome).toMatchObject({
      kind: 'not-billed',
      problem: 'the endpoint cannot be reached (ECONNREFUSED)',
    })
  })

  it.each([
    ['an address with a password', { baseUrl: 'http://me:hunter2@127.0.0.1:9/v1', apiKey: 'key' }],
    ['a key of two lines', { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'hunter2\nhunter2' }],
  ])('tells no secret of a request that cannot be made: %s', async (_, given) => {
    const client = new ModelClient({ ...given, model: 'm' })
    const outcome = await client.complete({ messages: MESSAGES, maxOutputTokens: 1, headers: {} })
    expect(outcome).toMatchObject({ problem: 'the call failed before its answer was whole' })
  })

  it('throws the reason when it is aborted', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const outcome = outcomeOf(() => stop.abort(reason), { signal: stop.signal })
    await expect(outcome).rejects.toBe(reason)
  })

  it('counts the parts of the usage, and takes none for 0 that the server left out', async () => {
    const answerWith = (usage: object) => outcomeOf((response) => complete(response, 'hi', usage))
    expect(
      await answerWith({
        prompt_tokens: 9,
        completion_tokens: 5,
        total_tokens: 14,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      }),
    ).toMatchObject({
      totalTokens: 14,
      usage: { inputTokens: 9, cachedReadTokens: 4, outputTokens: 5, reasoningTokens: 2 },
    })
    await endpoint?.stop()
    const partly = await answerWith({ prompt_tokens: 9 })
    expect(partly).toMatchObject({ totalTokens: null })
    expect(partly).not.toHaveProperty('usage')
    await endpoint?.stop()
    expect(await answerWith({ prompt_tokens: 9, completion_tokens: 5 })).toMatchObject({ totalTokens: 14 })
    await endpoint?.stop()
    expect(await answerWith({ prompt_tokens: 9, completion_tokens: 5, total_tokens: 99 })).not.toHaveProperty(
      'usage',
    )
  })

  it('reads the usage of an answer that is none otherwise: it was billed', async () => {
    const body = JSON.stringify({ choices: [], usage: { total_tokens: 9 } })
    const outcome = await outcomeOf((response) => response.end(body))
    expect(outcome).toEqual({ kind: 'unknown', problem: 'not a chat completion', totalTokens: 9 })
  })

  it.each([
    ['Retry-After', { 'retry-after': '7' }, 7000],
    ['retry-after-ms', { 'retry-after-ms': '250' }, 250],
  ])('hears when a busy server wants to be asked again, by %s', async (_, headers, retryAfterMs) => {
    const outcome = await outcomeOf((response) => response.writeHead(429, headers).end('{}'))
    expect(outcome).toEqual({ kind: 'not-billed', problem: 'HTTP 429', isTransient: true, retryAfterMs })
  })

  it('does not take a spent quota for a busy server', async () => {
    const body = JSON.stringify({ error: { message: 'spent', code: 'insufficient_quota' } })
    const outcome = await outcomeOf((response) => response.writeHead(429).end(body))
    expect(outcome).toEqual({ kind: 'not-billed', problem: 'HTTP 429', isTransient: false })
  })

  it('hands on what tools the model wants, and shows it what they gave', async () => {
    const bodies: unknown[] = []
    const wish = { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }
    const outcome = await outcomeOf(
      (response, _, body) => {
        bodies.push(JSON.parse(body))
        const message = { role: 'assistant', content: null, tool_calls: [wish] }
        response.end(JSON.stringify({ choices: [{ message, finish_reason: 'tool_calls' }] }))
      },
      {
        tools: [{ name: 'add', description: 'adds', inputSchema: z.object({ a: z.number() }) }],
        messages: [
          { role: 'user', content: 'hello' },
          {
            role: 'assistant',
            content: '',
            toolRequests: [{ toolCallId: 'c0', toolName: 'add', input: { a: 0 } }],
          },
          { role: 'tool', toolCallId: 'c0', toolName: 'add', content: '0' },
        ],
      },
    )
    expect(outcome).toMatchObject({
      finishReason: 'tool_calls',
      toolRequests: [{ toolCallId: 'c1', toolName: 'add', input: { a: 1 } }],
    })
    expect(bodies).toMatchObject([
      {
        max_completion_tokens: 10,
        tools: [{ function: { name: 'add', description: 'adds' } }],
        messages: [
          { role: 'user', content: 'hello' },
          { role: 'assistant', tool_calls: [{ id: 'c0', function: { name: 'add', arguments: '{"a":0}' } }] },
          { role: 'tool', tool_call_id: 'c0', content: '0' },
        ],
      },
    ])
  })
})

describe('a model client that streams', () => {
  const piece = (delta: object, finishReason: string | null = null): object => ({
    choices: [{ delta, finish_reason: finishReason }],
  })
  const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }

  async function streamOf(
    chunks: readonly (object | string)[],
    end: 'done' | 'closed' | 'cut' = 'done',
  ): Promise<{ outcome: ModelOutcome; text: string }> {
    const texts: string[] = []
    const outcome = await outcomeOf((response) => sendEvents(response, chunks, end), {
      onText: (text) => texts.push(text),
    })
    return { outcome, text: texts.join('') }
  }

  it('hands the text on as it comes, and reads usage and reason at the end', async () => {
    const { outcome, text } = await streamOf([
      piece({ role: 'assistant', content: 'he' }),
      piece({ content: 'llo' }),
      piece({}, 'stop'),
      usage,
    ])
    expect(text).toBe('hello')
    expect(outcome).toEqual({
      kind: 'answered',
      content: 'hello',
      refusal: null,
      finishReason: 'stop',
      totalTokens: 7,
      usage: expect.objectContaining({ inputTokens: 3, outputTokens: 4 }),
    })
  })

  it('reads a refusal in pieces', async () => {
    const { outcome } = await streamOf([
      piece({ refusal: 'I will' }),
      piece({ refusal: ' not' }),
      piece({}, 'stop'),
    ])
    expect(outcome).toMatchObject({ kind: 'answered', refusal: 'I will not', totalTokens: null })
  })

  it.each([
    ['is cut off', 'cut'],
    ['ends without a reason', 'closed'],
    ['ends without a reason, though politely', 'done'],
  ] as const)('does not know the end of a stream that %s', async (_, end) => {
    const { outcome, text } = await streamOf([piece({ content: 'he' })], end)
    expect(outcome.kind).toBe('unknown')
    // A connection that is lost may take with it what was not read yet.
    expect('he'.startsWith(text)).toBe(true)
  })

  it('takes a whole answer for one, though the usage after it was never told', async () => {
    const { outcome } = await streamOf([piece({ content: 'hi' }), piece({}, 'stop')])
    expect(outcome).toMatchObject({ kind: 'answered', content: 'hi', totalTokens: null })
  })

  it.each([
    ['breaks off in the middle of JSON', '{"choices":'],
    ['tells of an error', { error: { message: 'overloaded', type: 'overloaded_error' } }],
  ])('does not know the end of a stream that %s', async (_, chunk) => {
    const { outcome } = await streamOf([piece({ content: 'he' }), chunk])
    expect(outcome.kind).toBe('unknown')
  })

  it('knows of a server that is busy that nothing was billed', async () => {
    const outcome = await outcomeOf((response) => response.writeHead(429, { 'retry-after': '7' }).end('{}'), {
      onText: () => undefined,
    })
    expect(outcome).toMatchObject({ kind: 'not-billed', isTransient: true, retryAfterMs: 7000 })
  })

  it('throws the reason when it is aborted in the middle', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const outcome = outcomeOf(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`data: ${JSON.stringify(piece({ content: 'he' }))}\n\n`)
      },
      { signal: stop.signal, onText: () => stop.abort(reason) },
    )
    await expect(outcome).rejects.toBe(reason)
  })
})
