import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { FakeClock } from '@golden-arch/core/time/testing'
import { temporaryFolder } from '@golden-arch/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { FAULTS, type Fault, FaultPlan } from '../../scripted-model/fault-plan.ts'
import { Recording } from '../../scripted-model/recording.ts'
import { type ScriptedModel, startScriptedModel } from '../../scripted-model/scripted-model-server.ts'
import { sendEvents, startEndpoint } from '../../testing/model-endpoint.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import type { AgentRuntime, AgentRuntimeOptions } from './agent-runtime.ts'
import { ModelClient } from './model-client.ts'
import type { Question, TextPiece } from './question.ts'
import { AskingBench, type TestAnswer } from './testing/asking-bench.ts'

/** An upper bound alone: what is waited for comes at once on any machine but a very busy one. */
const PATIENCE = { timeout: 60_000, interval: 5 }
const TIMEOUT_MS = 3_600_000
/** Tokens of a recorded answer, and of the hold of a call with an empty prompt. */
const USED = 7
const ESTIMATE = 4000
const CONTENT = `{"n":1}${' '.repeat(400)}`

let database: Awaited<ReturnType<typeof openServerDatabase>>
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let recording: Recording
let bench: AskingBench
let model: ScriptedModel | undefined

beforeAll(async () => {
  database = await openServerDatabase()
  bench = new AskingBench(database)
  folder = await temporaryFolder('recording')
  const usage = { prompt_tokens: 3, completion_tokens: 4 }
  const response = { status: 200, content: CONTENT, finishReason: 'stop', usage }
  const steps = ['generate', ...Array.from({ length: 12 }, (_, index) => `generate:${index + 1}`)]
  const answers = steps.map((step) => JSON.stringify({ task: 't', step, attempt: 1, call: 1, response }))
  writeFileSync(join(folder.path, 'answers-a.jsonl'), answers.join('\n'))
  recording = Recording.read(folder.path)
})
afterEach(async () => {
  await model?.stop()
  model = undefined
})
afterAll(async () => {
  await folder.remove()
  await database.close()
})

async function start(faults: FaultPlan, options: Partial<AgentRuntimeOptions> = {}): Promise<AgentRuntime> {
  model = await startScriptedModel(recording, { faults, slowMs: 1 })
  const { baseUrl, apiKey } = model
  return bench.runtime(new ModelClient({ baseUrl, apiKey, model: 'm', provider: 'scripted' }), options)
}

/** A question with the recorded answer; streamed where `pieces` are collected. */
function ask(pieces?: TextPiece[]): Promise<Question<TestAnswer>> {
  const onText = (piece: TextPiece): unknown => pieces?.push(piece)
  return bench.question({ label: 't', ...(pieces === undefined ? {} : { onText }) })
}

/** Holds what was committed against the server's bill: call by call, to the token. */
async function compareWithBill(): Promise<{ actual: number; estimated: number }> {
  const calls = new Map(model?.bill.view().calls.map((call) => [call.key, call]))
  const { rows } = await database.query<{ request_id: string; used_tokens: bigint; usage_basis: string }>(
    `SELECT request_id, used_tokens, usage_basis FROM budget_reservations
      WHERE status IN ('committed', 'late') AND request_id = ANY($1::text[])`,
    [[...calls.keys()]],
  )
  const actual = rows.filter(({ usage_basis: basis }) => basis === 'actual')
  for (const { request_id: key, used_tokens: used } of actual) {
    expect({ key, tokens: Number(used) }).toEqual({ key, tokens: calls.get(key)?.tokens })
  }
  const told = [...calls.values()].filter(({ end }) => end === 'told').map(({ key }) => key)
  expect(new Set(actual.map((row) => row.request_id))).toEqual(new Set(told))
  expect([...calls.values()].every(({ requests }) => requests === 1)).toBe(true)
  return { actual: actual.length, estimated: rows.length - actual.length }
}

/** What the first call costs that meets the fault, where it is made again or not. */
const COSTS: Readonly<Record<Fault, { first: number; isRepeated: boolean }>> = {
  'rate-limited': { first: 0, isRepeated: true },
  overloaded: { first: 0, isRepeated: true },
  unavailable: { first: 0, isRepeated: true },
  disconnect: { first: ESTIMATE, isRepeated: true },
  cut: { first: ESTIMATE, isRepeated: true },
  malformed: { first: ESTIMATE, isRepeated: true },
  hang: { first: ESTIMATE, isRepeated: true },
  refusal: { first: USED, isRepeated: false },
  'missing-usage': { first: ESTIMATE, isRepeated: false },
  slow: { first: USED, isRepeated: false },
}

describe.each([
  ['whole answers', false],
  ['streams', true],
])('an agent runtime with %s', (_, isStreamed) => {
  it.each(FAULTS)('meets a server that has the fault %s, and pays what that cost', async (fault) => {
    const clock = new FakeClock()
    const runtime = await start(new FaultPlan({ rates: { [fault]: 1 }, maxCalls: 1 }), {
      timeoutMs: TIMEOUT_MS,
      ...(fault === 'hang' ? { clock } : {}),
    })
    const pieces: TextPiece[] = []
    const question = await ask(isStreamed ? pieces : undefined)
    const asked = runtime.ask(question)
    if (fault === 'hang') {
      await vi.waitFor(() => expect(model?.billedTokens).toBe(USED), PATIENCE)
      await clock.advance(TIMEOUT_MS)
    }
    const ticking = setInterval(() => void clock.advance(1), 1)
    const reply = await asked.finally(() => clearInterval(ticking))
    const { first, isRepeated } = COSTS[fault]
    expect(reply).toMatchObject(
      fault === 'refusal'
        ? { kind: 'failure', code: 'refused' }
        : { kind: 'value', value: { n: 1 }, answeredBy: { call: isRepeated ? 2 : 1 } },
    )
    expect(await bench.cost(question)).toMatchObject({ used: first + (isRepeated ? USED : 0), held: 0 })
    await compareWithBill()
    const last = pieces.filter(({ call }) => call === reply.answeredBy?.call)
    if (isStreamed && fault !== 'refusal') expect(last.map(({ text }) => text).join('')).toBe(CONTENT)
  })

  it('pays to the token what the server told, under faults of every kind', async () => {
    const faults = FaultPlan.parse(
      'rate-limited=0.1,overloaded=0.1,unavailable=0.05,disconnect=0.05,cut=0.1,malformed=0.1,missing-usage=0.1,slow=0.1',
    )
    // A breaker would make what is called depend on what comes first.
    const breakers = new CircuitBreakerRegistry({ failureThreshold: 1_000_000 })
    const runtime = await start(faults, { breakers, timeoutMs: TIMEOUT_MS })
    const replies = await Promise.all(
      Array.from({ length: 12 }, async (_unused, index) => {
        // Faults go by the step: each has its own.
        const step = `generate:${index + 1}`
        return runtime.ask({ ...(await ask(isStreamed ? [] : undefined)), step })
      }),
    )
    expect(replies.filter(({ kind }) => kind === 'value')).toHaveLength(12)
    const { actual, estimated } = await compareWithBill()
    expect(actual + estimated).toBeGreaterThanOrEqual(12)
  })
})

describe('an abort in the middle of a stream', () => {
  it('pays the call as estimated, hears no more text, and leaves the question to be asked again', async () => {
    const piece = (delta: object, reason: string | null) => ({ choices: [{ delta, finish_reason: reason }] })
    const endpoint = await startEndpoint((response) => {
      // The first answer stays without an end.
      if (endpoint.keys.length > 1) sendEvents(response, [piece({ content: '{"n":1}' }, 'stop')])
      else response.write(`data: ${JSON.stringify(piece({ content: '{"n"' }, null))}\n\n`)
    })
    const runtime = bench.runtime(new ModelClient({ baseUrl: endpoint.baseUrl, apiKey: '', model: 'm' }), {
      timeoutMs: TIMEOUT_MS,
    })
    const stop = new AbortController()
    const question = await bench.question()
    const heard: TextPiece[] = []
    const onText = (one: TextPiece): void => {
      heard.push(one)
      stop.abort()
    }
    await expect(runtime.ask({ ...question, signal: stop.signal, onText })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(await bench.cost(question)).toMatchObject({ used: ESTIMATE, held: 0 })
    const again = await runtime.ask({ ...question, onText })
    expect(again).toMatchObject({ kind: 'value', answeredBy: { call: 2 } })
    expect(heard).toEqual([
      { text: '{"n"', call: 1 },
      { text: '{"n":1}', call: 2 },
    ])
    // The second answer did not tell its usage.
    expect(await bench.cost(question)).toMatchObject({ used: 2 * ESTIMATE, held: 0 })
    await endpoint.stop()
  })
})
