import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { STEP_HEADER } from '../services/agent-runtime/step-header.ts'
import type { BillView } from './bill.ts'
import { type Fault, FaultPlan } from './fault-plan.ts'
import { Recording } from './recording.ts'
import { type ScriptedModel, startScriptedModel } from './scripted-model-server.ts'

const usage = { prompt_tokens: 3, completion_tokens: 4 }
const ANSWERS = [
  { call: 1, response: { status: 503, message: 'busy' } },
  { call: 2, response: { fault: 'disconnect' } },
  { call: 3, response: { status: 200, content: 'hi', finishReason: 'stop', usage } },
].map((one) => JSON.stringify({ task: 't', step: 'generate', attempt: 1, ...one }))

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let model: ScriptedModel

beforeAll(async () => {
  folder = await temporaryFolder('recording')
  writeFileSync(join(folder.path, 'answers-a.jsonl'), `${ANSWERS.join('\n')}\n`)
  model = await startScriptedModel(Recording.read(folder.path))
})
afterAll(async () => {
  await model.stop()
  await folder.remove()
})

function ask(step: string, options: { key?: string; path?: string; body?: string } = {}): Promise<Response> {
  return fetch(`${model.baseUrl}${options.path ?? '/chat/completions'}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${options.key ?? model.apiKey}`, [STEP_HEADER]: step },
    body: options.body ?? '{"model":"m"}',
  })
}

describe('the scripted model', () => {
  it('gives each call of a step its recorded answer, and bills what was answered', async () => {
    const before = model.billedTokens
    expect((await ask('t|generate|1|1')).status).toBe(503)
    await expect(ask('t|generate|1|2').then((response) => response.text())).rejects.toThrow()
    expect(model.billedTokens).toBe(before)
    const body: unknown = await (await ask('t|generate|1|3')).json()
    expect(body).toMatchObject({
      model: 'm',
      choices: [{ message: { content: 'hi', refusal: null }, finish_reason: 'stop' }],
      usage: { ...usage, total_tokens: 7 },
    })
    expect(model.billedTokens).toBe(before + 7)
  })

  it('answers a call beyond the recorded ones with the last', async () => {
    expect((await ask('t|generate|1|9')).status).toBe(200)
  })

  it.each(['t|generate|2|1', 'u|generate|1|1', 't|generate|1|x', 'nonsense'])(
    'has no answer to %s',
    async (step) => {
      const answer = await ask(step)
      expect([answer.status, await answer.text()]).toEqual([
        404,
        expect.stringContaining('knows its own tasks alone'),
      ])
    },
  )

  it('refuses a wrong key and another route', async () => {
    expect((await ask('t|generate|1|3', { key: 'wrong' })).status).toBe(401)
    expect((await ask('t|generate|1|3', { path: '/embeddings' })).status).toBe(404)
  })

  it('cuts the connection on a request that is no JSON, and serves the next', async () => {
    await expect(ask('t|generate|1|3', { body: '{' })).rejects.toThrow()
    expect((await ask('t|generate|1|3')).status).toBe(200)
  })
})

describe('the bill of the scripted model', () => {
  let billed: ScriptedModel
  beforeAll(async () => {
    billed = await startScriptedModel(Recording.read(folder.path))
  })
  afterAll(() => billed.stop())

  const call = (step: string, key?: string): Promise<Response> =>
    fetch(`${billed.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${billed.apiKey}`,
        [STEP_HEADER]: step,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: '{"model":"m"}',
    })

  it('charges a call once that is sent again under its key, and each that has none', async () => {
    for (const key of ['k', 'k', undefined, undefined]) await (await call('t|generate|1|3', key)).text()
    await (await call('t|generate|1|1', 'busy')).text()
    const url = new URL('/_scripted/bill', billed.baseUrl)
    expect((await fetch(url)).status).toBe(401)
    const answer = await fetch(url, { headers: { authorization: `Bearer ${billed.apiKey}` } })
    // The server's own type of what it sends.
    const view = (await answer.json()) as BillView
    expect(view).toEqual(billed.bill.view())
    expect(view).toMatchObject({ billed_tokens: 21, requests: 5 })
    expect(view.calls.find(({ key }) => key === 'k')).toEqual({
      key: 'k',
      step: 't|generate|1|3',
      requests: 2,
      tokens: 7,
      input_tokens: 3,
      end: 'told',
    })
    expect(view.calls.find(({ key }) => key === 'busy')).toMatchObject({ tokens: 0, end: 'refused' })
  })
})

describe('the scripted model with faults', () => {
  let faulty: ScriptedModel | undefined
  afterEach(async () => faulty?.stop())

  async function call(fault: Fault, body: object = { model: 'm' }): Promise<Response> {
    faulty = await startScriptedModel(Recording.read(folder.path), {
      faults: new FaultPlan({ rates: { [fault]: 1 }, maxCalls: 9 }),
      slowMs: 1,
    })
    return fetch(`${faulty.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${faulty.apiKey}`, [STEP_HEADER]: 't|generate|1|3' },
      body: JSON.stringify(body),
      signal: stop.signal,
    })
  }
  let stop: AbortController
  beforeEach(() => {
    stop = new AbortController()
  })

  it.each([
    ['rate-limited', 429],
    ['overloaded', 529],
    ['unavailable', 503],
  ] as const)('is %s, and bills nothing', async (fault, status) => {
    const answer = await call(fault)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('retry-after-ms')).toBe(fault === 'rate-limited' ? '20' : null)
    expect(faulty?.billedTokens).toBe(0)
  })

  it.each(['cut', 'malformed'] as const)('gives an answer that is %s, and bills it', async (fault) => {
    await expect(call(fault).then((answer) => answer.json())).rejects.toThrow()
    expect(faulty?.bill.view()).toMatchObject({ billed_tokens: 7, calls: [{ end: 'untold' }] })
  })

  it('cuts a stream, and ends a malformed one in the middle of an event', async () => {
    const cut = call('cut', { model: 'm', stream: true })
    await expect(cut.then((answer) => answer.text())).rejects.toThrow()
    await faulty?.stop()
    const text = await (await call('malformed', { model: 'm', stream: true })).text()
    expect(text).toContain('{"choices":[{"del\n')
  })

  it('keeps its usage to itself', async () => {
    const body: unknown = await (await call('missing-usage')).json()
    expect(body).not.toHaveProperty('usage')
    expect(faulty?.bill.view()).toMatchObject({ billed_tokens: 7, calls: [{ end: 'untold' }] })
  })

  it('refuses in the place of the answer', async () => {
    const body: unknown = await (await call('refusal')).json()
    expect(body).toMatchObject({
      choices: [{ message: { content: null, refusal: expect.any(String) } }],
      usage,
    })
  })

  it('answers late', async () => {
    expect((await call('slow')).status).toBe(200)
  })

  it('never answers, and lets a client go that has waited enough', async () => {
    const asked = call('hang')
    // The call is on the bill before it hangs.
    await vi.waitFor(() => expect(faulty?.billedTokens).toBe(7), { timeout: 60_000, interval: 5 })
    stop.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })
})

describe('the scripted model as a stream', () => {
  it('gives the answer in pieces, and its usage where it is asked for', async () => {
    const read = async (body: object): Promise<string> =>
      (await ask('t|generate|1|3', { body: JSON.stringify({ model: 'm', stream: true, ...body }) })).text()
    const text = await read({ stream_options: { include_usage: true } })
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(text).toContain('"delta":{"content":"hi"}')
    expect(text).toContain('"total_tokens":7')
    expect(await read({})).not.toContain('total_tokens')
  })
})

describe('a recording', () => {
  it.each([
    ['a second answer for one call', `${ANSWERS[0]}\n${ANSWERS[0]}`, /answers-a\.jsonl:2: a second answer/],
    ['a line that is none', '{"task":"t"}', /answers-a\.jsonl:1: /],
    ['a line that is no JSON', `${ANSWERS[0]}\n{`, /answers-a\.jsonl:2: not JSON/],
  ])('refuses %s, naming file and line', async (_, text, message) => {
    const other = await temporaryFolder('recording')
    writeFileSync(join(other.path, 'answers-a.jsonl'), text)
    expect(() => Recording.read(other.path)).toThrow(message)
    await other.remove()
  })
})
