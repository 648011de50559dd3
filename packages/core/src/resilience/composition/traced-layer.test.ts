import { expect, test } from 'vitest'
import { silentTracer } from '../../observability/index.ts'
import { RecordingTracer } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { bulkhead } from '../bulkhead/bulkhead.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import { compose } from '../compose.ts'
import { fallback } from '../fallback/fallback.ts'
import { hedge } from '../hedge/hedge.ts'
import { retry } from '../retry/retry.ts'
import { adaptiveThrottle } from '../throttle/adaptive-throttle.ts'
import { timeout } from '../timeout/timeout.ts'
import { CALL_ITSELF, type Layer } from './layer.ts'
import { heardTracer, tracedLayer } from './traced-layer.ts'

test('each policy of a composition has its span below that of the policy around it', async () => {
  const tracer = new RecordingTracer()
  const policy = compose(
    fallback(() => 'cached', { tracer }),
    bulkhead({ maxConcurrent: 1, tracer }),
    hedge({ delayMs: 1000, tracer }),
    retry({ tracer }),
    adaptiveThrottle({ tracer }),
    new CircuitBreaker('openai', { tracer }),
    timeout({ timeoutMs: 30_000, tracer }),
  )
  expect(await policy.execute(async () => 'answer')).toBe('answer')
  const spans = tracer.spans()
  expect(spans.map(({ name }) => name)).toEqual([
    'fallback',
    'bulkhead',
    'hedge',
    'hedge attempt',
    'retry',
    'throttle',
    'circuit breaker',
    'timeout',
  ])
  for (const [index, span] of spans.entries()) {
    expect(span.parentSpanId).toBe(spans[index - 1]?.spanId ?? null)
    expect(span).toMatchObject({ status: 'unset', isEnded: true })
  }
})

test('an attempt that is made again has a span of its own, and the policy’s span fails as its caller does', async () => {
  const tracer = new RecordingTracer()
  const clock = new FakeClock()
  const policy = retry({ maxAttempts: 2, isIdempotent: true, name: 'model', tracer, clock, random: () => 0 })
  const answer = policy.execute(() => {
    throw Object.assign(new Error('busy'), { status: 503 })
  })
  const settled = expect(answer).rejects.toThrow('busy')
  await clock.advance(0)
  await clock.advance(200)
  await settled
  expect(tracer.spans('retry attempt')).toMatchObject([
    { attributes: { 'policy.name': 'model', 'retry.attempt': 2 }, status: 'error', isEnded: true },
  ])
  expect(tracer.spans('retry')).toMatchObject([{ attributes: { 'policy.name': 'model' }, status: 'error' }])
})

test('a wait for a place, an attempt that joins and an alternative are seen as such', async () => {
  const tracer = new RecordingTracer()
  const clock = new FakeClock()
  const places = bulkhead({ maxConcurrent: 1, name: 'places', tracer, clock })
  const running = Promise.withResolvers<string>()
  const first = places.execute(() => running.promise)
  const second = places.execute(async () => 'second')
  await clock.advance(0)
  expect(tracer.spans('bulkhead wait')).toMatchObject([
    {
      attributes: { 'policy.name': 'places' },
      parentSpanId: tracer.spans('bulkhead')[1]?.spanId,
      isEnded: false,
    },
  ])
  running.resolve('first')
  expect(await Promise.all([first, second])).toEqual(['first', 'second'])
  expect(tracer.spans('bulkhead wait')).toMatchObject([{ isEnded: true, status: 'unset' }])

  const hedged = hedge({ delayMs: 100, tracer, clock }).execute(
    (signal) =>
      new Promise((resolve, reject) => {
        if (tracer.spans('hedge attempt').length === 2) resolve('fast')
        else signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  await clock.advance(100)
  expect(await hedged).toBe('fast')
  await clock.advance(0)
  expect(tracer.spans('hedge attempt')).toMatchObject([
    { attributes: { 'hedge.attempt': 1 }, status: 'error', isEnded: true },
    { attributes: { 'hedge.attempt': 2 }, status: 'unset', isEnded: true },
  ])

  const alternatives = [() => Promise.reject(new Error('also down')), () => 'cached']
  const answer = await fallback(alternatives, { tracer }).execute(() => Promise.reject(new Error('down')))
  expect(answer).toBe('cached')
  expect(tracer.spans('fallback alternative')).toMatchObject([
    { attributes: { 'fallback.alternative': 1 }, status: 'error' },
    { attributes: { 'fallback.alternative': 2 }, status: 'unset' },
  ])
})

test('a timeout’s span fails at the deadline with its code', async () => {
  const tracer = new RecordingTracer()
  const clock = new FakeClock()
  const answer = timeout({ timeoutMs: 50, tracer, clock }).execute(() => new Promise(() => {}))
  const settled = expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' })
  await clock.advance(50)
  await settled
  expect(tracer.spans('timeout')).toMatchObject([
    { attributes: { 'timeout.ms': 50, 'error.type': 'TIMEOUT' }, status: 'error', isEnded: true },
  ])
})

test('without a tracer that is heard, a layer is what it was', () => {
  const layer: Layer = {
    heedsSignal: true,
    run: async (call, signal) => CALL_ITSELF.run(call, signal, undefined),
  }
  expect(tracedLayer(layer, heardTracer(silentTracer), 'x', {})).toBe(layer)
  expect(tracedLayer(layer, heardTracer(undefined), 'x', {})).toBe(layer)
})

test('what waits below a timeout ends with it, traced or not', async () => {
  const clock = new FakeClock()
  const waiting = retry({ clock, isIdempotent: true, random: () => 1, tracer: new RecordingTracer() })
  const answer = compose(timeout({ timeoutMs: 50, clock }), waiting).execute(() =>
    Promise.reject(new Error('down')),
  )
  const settled = expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' })
  await clock.advance(0)
  await clock.advance(50)
  await settled
  await clock.advance(0)
  expect(clock.pendingCount).toBe(0)
})
