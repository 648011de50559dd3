import { createPriceTable } from '@golden-arch/budget'
import { RecordingMetrics, RecordingTracer } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, it } from 'vitest'
import type { ModelCall, ModelOutcome, ModelPort } from './model-port.ts'
import { ObservedModel } from './observed-model.ts'

const CALL: ModelCall = {
  messages: [{ role: 'user', content: 'secret words' }],
  maxOutputTokens: 50,
  headers: { a: 'b' },
}
const ANSWER: ModelOutcome = {
  kind: 'answered',
  content: 'secret answer',
  refusal: null,
  finishReason: 'stop',
  totalTokens: 30,
  usage: { inputTokens: 10, outputTokens: 20 },
}
const NAME = { model: 'acme/big' }

/** A model that answers so after two seconds, observed. */
function stage(answer: () => ModelOutcome) {
  const clock = new FakeClock()
  const metrics = new RecordingMetrics()
  const tracer = new RecordingTracer()
  const calls: ModelCall[] = []
  const port: ModelPort = {
    name: 'acme/big',
    model: 'big',
    complete: async (call) => {
      calls.push(call)
      await clock.advance(2000)
      return answer()
    },
  }
  const prices = createPriceTable({
    version: '1',
    effectiveFrom: new Date(0),
    currency: 'USD',
    models: { big: { input: 1_000_000n, output: 2_000_000n } },
  })
  return { metrics, tracer, calls, model: new ObservedModel(port, { metrics, tracer, prices, clock }) }
}

it('counts, times and prices an answer, and furnishes its span without a word of what was said', async () => {
  const { metrics, tracer, calls, model } = stage(() => ANSWER)
  expect(await model.complete(CALL)).toBe(ANSWER)
  expect(metrics.counterValue('model_calls_total', { ...NAME, outcome: 'answered' })).toBe(1)
  expect(metrics.values('model_call_seconds', NAME)).toEqual([2])
  expect(metrics.counterValue('model_tokens_total', { ...NAME, kind: 'input' })).toBe(10)
  expect(metrics.counterValue('model_tokens_total', { ...NAME, kind: 'output' })).toBe(20)
  expect(metrics.counterValue('model_money_micros_total', { ...NAME, currency: 'USD' })).toBe(50)
  const [span] = tracer.spans()
  expect(span).toMatchObject({
    name: 'chat big',
    kind: 'client',
    status: 'unset',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'big',
      'gen_ai.request.max_tokens': 50,
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.response.finish_reasons': ['stop'],
    },
  })
  expect(JSON.stringify(span)).not.toContain('secret')
  expect(calls[0]?.headers).toEqual({ a: 'b', traceparent: `00-${span?.traceId}-${span?.spanId}-01` })
})

it.each<[ModelOutcome, Record<string, number>]>([
  [{ kind: 'not-billed', problem: 'busy', isTransient: true }, {}],
  [{ kind: 'unknown', problem: 'cut off' }, {}],
  [{ kind: 'unknown', problem: 'cut off', totalTokens: 7 }, { whole: 7 }],
])('of %j it tells that it failed, and the tokens that are known', async (outcome, tokens) => {
  const { metrics, tracer, model } = stage(() => outcome)
  await model.complete(CALL)
  expect(metrics.counterValue('model_calls_total', { ...NAME, outcome: outcome.kind })).toBe(1)
  expect(metrics.counterValue('model_tokens_total')).toBe(tokens.whole ?? 0)
  expect(metrics.counterValue('model_money_micros_total')).toBe(0)
  expect(tracer.spans()[0]).toMatchObject({ status: 'error', attributes: { 'error.type': outcome.kind } })
})

it('a call that was called off is counted as that', async () => {
  const { metrics, tracer, model } = stage(() => {
    throw new DOMException('late', 'TimeoutError')
  })
  await expect(model.complete(CALL)).rejects.toThrow('late')
  expect(metrics.counterValue('model_calls_total', { ...NAME, outcome: 'aborted' })).toBe(1)
  expect(tracer.spans()[0]?.status).toBe('error')
})
