import { actualCost, type PriceTable } from '@golden-arch/budget'
import { isGoldenError } from '@golden-arch/core/errors'
import {
  type Counter,
  type Histogram,
  METRICS,
  type Metrics,
  type Span,
  type SpanAttributes,
  type Tracer,
} from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { ModelCall, ModelOutcome, ModelPort } from './model-port.ts'

/** What an {@link ObservedModel} tells, and whom. */
export interface ModelObservers {
  readonly metrics: Metrics
  readonly tracer: Tracer
  /** By which money is counted. Undefined: none is. */
  readonly prices: PriceTable | undefined
  /** Default the system clock. */
  readonly clock?: Clock
}

/** A model whose calls are counted, timed and traced, by the conventions of OpenTelemetry for generative models. */
export class ObservedModel implements ModelPort {
  readonly name: string
  readonly model: string
  readonly #port: ModelPort
  readonly #tracer: Tracer
  readonly #prices: PriceTable | undefined
  readonly #clock: Clock
  readonly #calls: Counter
  readonly #seconds: Histogram
  readonly #tokens: Counter
  readonly #money: Counter

  constructor(port: ModelPort, { metrics, tracer, prices, clock = systemClock }: ModelObservers) {
    this.name = port.name
    this.model = port.model
    this.#port = port
    this.#tracer = tracer
    this.#prices = prices
    this.#clock = clock
    this.#calls = metrics.counter(METRICS.modelCalls)
    this.#seconds = metrics.histogram(METRICS.modelCallSeconds)
    this.#tokens = metrics.counter(METRICS.modelTokens)
    this.#money = metrics.counter(METRICS.modelMoneyMicros)
  }

  complete(call: ModelCall): Promise<ModelOutcome> {
    return this.#tracer.trace(`chat ${this.model}`, { kind: 'client' }, async (span) => {
      if (span.isRecording) span.setAttributes(this.#requestAttributes(call))
      const startedMs = this.#clock.monotonicMs()
      let outcome: ModelOutcome | undefined
      try {
        const place = span.context
        // Whatever stands between here and the model can go on with the trace.
        const headers = place === null ? call.headers : { ...call.headers, ...place }
        outcome = await this.#port.complete({ ...call, headers })
        describeOutcome(span, outcome)
        return outcome
      } finally {
        this.#count(outcome, this.#clock.monotonicMs() - startedMs)
      }
    })
  }

  #requestAttributes({ maxOutputTokens, onText }: ModelCall): SpanAttributes {
    const end = this.name.length - this.model.length - 1
    return {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': end > 0 ? this.name.slice(0, end) : this.name,
      'gen_ai.request.model': this.model,
      'gen_ai.request.max_tokens': maxOutputTokens,
      'gen_ai.request.stream': onText !== undefined,
    }
  }

  #count(outcome: ModelOutcome | undefined, elapsedMs: number): void {
    const model = this.name
    this.#seconds.observe(elapsedMs / 1000, { model })
    // One that was called off, by a timeout or its caller.
    this.#calls.increment({ model, outcome: outcome?.kind ?? 'aborted' })
    if (outcome === undefined || outcome.kind === 'not-billed') return
    const { inputTokens, outputTokens } = (outcome.kind === 'answered' ? outcome.usage : undefined) ?? {}
    if (inputTokens !== undefined && outputTokens !== undefined) {
      this.#tokens.increment({ model, kind: 'input' }, inputTokens)
      this.#tokens.increment({ model, kind: 'output' }, outputTokens)
    } else if (typeof outcome.totalTokens === 'number') {
      this.#tokens.increment({ model, kind: 'whole' }, outcome.totalTokens)
    }
    this.#countMoney(outcome)
  }

  #countMoney(outcome: ModelOutcome): void {
    if (this.#prices === undefined || outcome.kind !== 'answered' || outcome.usage === undefined) return
    try {
      const { cost } = actualCost(this.#prices, { model: this.model, usage: outcome.usage })
      this.#money.increment({ model: this.name, currency: cost.currency }, Number(cost.micros))
    } catch (error) {
      // A model without a price costs nothing that could be told.
      if (!isGoldenError(error, 'UNKNOWN_MODEL')) throw error
    }
  }
}

function describeOutcome(span: Span, outcome: ModelOutcome): void {
  if (!span.isRecording) return
  if (outcome.kind !== 'answered') {
    span.setAttributes({ 'error.type': outcome.kind })
    span.setStatus('error', outcome.problem)
    return
  }
  const { usage, finishReason } = outcome
  span.setAttributes({
    'gen_ai.response.finish_reasons': [finishReason],
    ...(usage?.inputTokens === undefined ? {} : { 'gen_ai.usage.input_tokens': usage.inputTokens }),
    ...(usage?.outputTokens === undefined ? {} : { 'gen_ai.usage.output_tokens': usage.outputTokens }),
    ...(usage?.cachedReadTokens === undefined
      ? {}
      : { 'gen_ai.usage.cache_read.input_tokens': usage.cachedReadTokens }),
    ...(usage?.reasoningTokens === undefined
      ? {}
      : { 'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens }),
  })
}
