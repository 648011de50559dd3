import { AsyncLocalStorage } from 'node:async_hooks'
import { describeSpanError } from '../span-error.ts'
import type { Span, SpanAttributes, SpanKind, SpanOptions, TraceContext, Tracer } from '../tracer.ts'

/** A span of a {@link RecordingTracer}, as far as it has come. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  /** Span ids of the links. */
  readonly links: readonly string[]
  readonly attributes: SpanAttributes
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusDescription: string | null
  /** Messages of the recorded exceptions. */
  readonly exceptions: readonly string[]
  readonly isEnded: boolean
}

interface Ids {
  readonly traceId: string
  readonly spanId: string
}

const TRACEPARENT = /^00-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/

/** A tracer that keeps its spans, for tests to read. Ids count upwards, so they are the same in each run. */
export class RecordingTracer implements Tracer {
  readonly #spans: RecordingSpan[] = []
  readonly #active = new AsyncLocalStorage<RecordingSpan>()
  #ids = 0

  /** The spans in the order of their start, of one name or all. */
  spans(name?: string): RecordedSpan[] {
    return this.#spans.map((span) => span.recorded).filter((span) => name === undefined || span.name === name)
  }

  startSpan(name: string, options: SpanOptions = {}): Span {
    const { kind = 'internal', attributes = {}, parent, links = [] } = options
    const above = parent === undefined ? (this.#active.getStore()?.recorded ?? null) : read(parent)
    const span = new RecordingSpan(this.#active, {
      name,
      kind,
      traceId: above?.traceId ?? this.#nextId(32),
      spanId: this.#nextId(16),
      parentSpanId: above?.spanId ?? null,
      links: links.flatMap((link) => read(link)?.spanId ?? []),
      attributes,
      status: 'unset',
      statusDescription: null,
      exceptions: [],
      isEnded: false,
    })
    this.#spans.push(span)
    return span
  }

  async trace<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.startSpan(name, options)
    try {
      return await span.run(() => work(span))
    } catch (error) {
      span.fail(error)
      throw error
    } finally {
      span.end()
    }
  }

  activeContext(): TraceContext | null {
    return this.#active.getStore()?.context ?? null
  }

  #nextId(length: number): string {
    this.#ids++
    return this.#ids.toString(16).padStart(length, '0')
  }
}

class RecordingSpan implements Span {
  readonly isRecording = true
  readonly context: TraceContext
  readonly #active: AsyncLocalStorage<RecordingSpan>
  #recorded: RecordedSpan

  constructor(active: AsyncLocalStorage<RecordingSpan>, recorded: RecordedSpan) {
    this.#active = active
    this.#recorded = recorded
    this.context = { traceparent: `00-${recorded.traceId}-${recorded.spanId}-01` }
  }

  get recorded(): RecordedSpan {
    return this.#recorded
  }

  setAttributes(attributes: SpanAttributes): void {
    this.#change({ attributes: { ...this.#recorded.attributes, ...attributes } })
  }

  recordException(error: unknown): void {
    this.#change({ exceptions: [...this.#recorded.exceptions, describeSpanError(error).message] })
  }

  setStatus(status: 'ok' | 'error', description?: string): void {
    this.#change({ status, statusDescription: description ?? null })
  }

  fail(error: unknown): void {
    const { type, message } = describeSpanError(error)
    this.recordException(error)
    this.setAttributes({ 'error.type': type })
    this.setStatus('error', message)
  }

  run<T>(work: () => T): T {
    return this.#active.run(this, work)
  }

  end(): void {
    this.#change({ isEnded: true })
  }

  #change(change: Partial<RecordedSpan>): void {
    if (!this.#recorded.isEnded) this.#recorded = { ...this.#recorded, ...change }
  }
}

function read(context: TraceContext | null): Ids | null {
  const [, traceId, spanId] = TRACEPARENT.exec(context?.traceparent ?? '') ?? []
  return traceId === undefined || spanId === undefined ? null : { traceId, spanId }
}
