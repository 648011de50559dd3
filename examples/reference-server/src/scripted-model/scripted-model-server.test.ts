import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEP_HEADER } from '../services/agent-runtime/step-header.ts'
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
      expect((await ask(step)).status).toBe(404)
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
