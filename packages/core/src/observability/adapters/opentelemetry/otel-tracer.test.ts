import { invalidOption } from '@golden-arch/testkit/options'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  type SpanKind,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeTracerContract } from '../../testing/tracer.contract.ts'
import { OtelTracer } from './otel-tracer.ts'

const STATUSES = ['unset', 'ok', 'error'] as const
const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const
const exporter = new InMemorySpanExporter()

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
})

afterEach(() => exporter.reset())

afterAll(() => {
  trace.disable()
  context.disable()
  propagation.disable()
})

function finished(name: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => span.name === name)
}

describeTracerContract('OtelTracer', () => ({
  tracer: new OtelTracer({ trace, context, propagation }),
  read: (name) =>
    finished(name).map((span) => ({
      name: span.name,
      kind: KINDS[span.kind satisfies SpanKind] ?? 'internal',
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: span.parentSpanContext?.spanId ?? null,
      links: span.links.map((link) => link.context.spanId),
      // Every attribute here was set through our port, which has scalars only.
      attributes: span.attributes as Record<string, string | number | boolean>,
      status: STATUSES[span.status.code] ?? 'unset',
      statusDescription: span.status.message ?? null,
      exceptions: span.events.map((event) => String(event.attributes?.['exception.message'])),
    })),
}))

it('names the instrumentation', () => {
  new OtelTracer({ trace, context, propagation, name: 'orders', version: '1.2.3' }).startSpan('named').end()
  expect(finished('named')[0]?.instrumentationScope).toMatchObject({ name: 'orders', version: '1.2.3' })
})

it('passes tracestate on as it came', () => {
  const tracer = new OtelTracer({ trace, context, propagation })
  const parent = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'vendor=opaque,other=1',
  }
  expect(tracer.startSpan('handled', { parent }).context).toMatchObject({ tracestate: parent.tracestate })
})

it('a link carries the flags and the trace of the other side', () => {
  const tracer = new OtelTracer({ trace, context, propagation })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
  tracer.startSpan('linked', { links: [{ traceparent }] }).end()
  expect(finished('linked')[0]?.links).toMatchObject([
    {
      context: {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        traceFlags: 0,
        isRemote: true,
      },
    },
  ])
})

it('our spans stand below those of other instrumentations, and theirs below ours', async () => {
  const tracer = new OtelTracer({ trace, context, propagation })
  await trace.getTracer('http').startActiveSpan('request', async (request) => {
    await tracer.trace('ours', {}, async () => trace.getTracer('pg').startSpan('query').end())
    request.end()
  })
  const [request] = finished('request')
  const [ours] = finished('ours')
  expect(ours?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect(finished('query')[0]?.parentSpanContext?.spanId).toBe(ours?.spanContext().spanId)
})

it('a propagator of its own may stand in for the registered one', () => {
  propagation.disable()
  try {
    const silent = new OtelTracer({ trace, context, propagation })
    expect(silent.startSpan('untold').context).toBeNull()
    const tracer = new OtelTracer({ trace, context, propagation: new W3CTraceContextPropagator() })
    expect(tracer.startSpan('told').context).toMatchObject({ traceparent: expect.stringMatching(/^00-/) })
  } finally {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  }
})

it('a trace that is not sampled is told as such, and costs no attributes', () => {
  const provider = new BasicTracerProvider({ sampler: new AlwaysOffSampler() })
  const off = { getTracer: (name: string) => provider.getTracer(name) }
  const tracer = new OtelTracer({
    trace: Object.assign(Object.create(trace), off),
    context,
    propagation,
  })
  const span = tracer.startSpan('unseen')
  expect(span.isRecording).toBe(false)
  expect(span.context).toMatchObject({ traceparent: expect.stringMatching(/-00$/) })
})

it('asks the SDK for no span below one that is not sampled, which keeps its place', async () => {
  const provider = new BasicTracerProvider({ sampler: new AlwaysOffSampler() })
  const asked: string[] = []
  const off = {
    getTracer: (name: string) => {
      const made = provider.getTracer(name)
      return {
        startSpan: (...[span, ...more]: Parameters<typeof made.startSpan>) => {
          asked.push(span)
          return made.startSpan(span, ...more)
        },
      }
    },
  }
  const tracer = new OtelTracer({ trace: Object.assign(Object.create(trace), off), context, propagation })
  const above = tracer.startSpan('above')
  const told = await above.run(() =>
    tracer.trace('below', { attributes: { n: 1 } }, async (span) => {
      span.setAttributes({ n: 2 })
      span.fail(new Error('unseen'))
      await Promise.resolve()
      return [span.isRecording, span.context, tracer.activeContext(), tracer.startSpan('deeper').context]
    }),
  )
  expect(told).toEqual([false, above.context, above.context, above.context])
  expect(asked).toEqual(['above'])
  const later = above.run(() => tracer.startSpan('later'))
  expect(later.run(() => tracer.activeContext())).toEqual(above.context)
  expect(tracer.activeContext()).toBeNull()
  // A caller elsewhere that did not sample is asked about anew: a sampler may have rules of its own.
  const remote = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }
  tracer.startSpan('remote', { parent: remote }).end()
  above.run(() => tracer.startSpan('elsewhere', { parent: null }).end())
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
  const below = (parent: SpanContext, name: string): void =>
    context.with(trace.setSpanContext(ROOT_CONTEXT, parent), () => tracer.startSpan(name).end())
  below({ ...ids, traceFlags: 0, isRemote: true }, 'arrived')
  // Handed on by hand, as between threads: nothing here records it, and yet it will be seen.
  below({ ...ids, traceFlags: 1 }, 'handed')
  expect(asked).toEqual(['above', 'remote', 'elsewhere', 'arrived', 'handed'])
  await expect(
    above.run(() => tracer.trace('failing', {}, () => Promise.reject(new Error('no')))),
  ).rejects.toThrow('no')
})

it('without an SDK nothing is recorded and nothing told', async () => {
  trace.disable()
  try {
    const tracer = new OtelTracer({ trace, context, propagation })
    const told = await tracer.trace('nowhere', {}, async (span) => [span.context, span.isRecording])
    expect(told).toEqual([null, false])
    expect(context.active()).toBe(ROOT_CONTEXT)
  } finally {
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    )
  }
})

it('refuses what is no API', () => {
  const api = { trace, context, propagation }
  for (const name of ['trace', 'context', 'propagation'] as const) {
    expect(() => new OtelTracer({ ...api, [name]: {} })).toThrow(invalidOption(name))
  }
  expect(() => new OtelTracer({ ...api, name: '' })).toThrow(invalidOption('name'))
})
