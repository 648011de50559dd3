import { afterEach, describe, expect, it } from 'vitest'
import { complete, startEndpoint, type TestEndpoint } from '../../testing/model-endpoint.ts'
import { ModelClient, type ModelOutcome } from './model-client.ts'

let endpoint: TestEndpoint | undefined

afterEach(() => endpoint?.stop())

async function outcomeOf(
  answer: Parameters<typeof startEndpoint>[0],
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<ModelOutcome> {
  endpoint = await startEndpoint(answer)
  const { timeoutMs = 20_000, ...more } = options
  const client = new ModelClient({ baseUrl: endpoint.baseUrl, apiKey: 'key', model: 'm', timeoutMs })
  const messages = [{ role: 'user' as const, content: 'hello' }]
  return client.complete({ messages, maxOutputTokens: 10, headers: {}, ...more })
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

  it('stops waiting for a server that never answers', async () => {
    const outcome = await outcomeOf(() => undefined, { timeoutMs: 50 })
    expect(outcome).toMatchObject({ kind: 'unknown', problem: 'no result within 50 ms' })
  })

  it('knows that nothing was sent where nobody listens', async () => {
    endpoint = await startEndpoint(() => undefined)
    const { baseUrl } = endpoint
    await endpoint.stop()
    const client = new ModelClient({ baseUrl, apiKey: 'key', model: 'm' })
    const outcome = await client.complete({ messages: [], maxOutputTokens: 1, headers: {} })
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
    const outcome = await client.complete({ messages: [], maxOutputTokens: 1, headers: {} })
    expect(outcome).toMatchObject({ problem: 'the call failed before its answer was whole' })
  })

  it('throws when it is aborted', async () => {
    const stop = new AbortController()
    const outcome = outcomeOf(() => stop.abort(), { signal: stop.signal })
    await expect(outcome).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
