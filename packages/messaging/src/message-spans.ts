import type { EventEnvelope } from '@golden-arch/core/events'
import type { Span, SpanOptions, TraceContext, Tracer } from '@golden-arch/core/observability'
import type { DeliverySettlement } from './decision.ts'
import type { MessageHeaders } from './message-headers.ts'
import type { BrokerDelivery, MessageBroker } from './ports/message-broker.ts'

/** How a publication stands to its message's trace. */
export interface PublicationTrace {
  /** The place that the message carries already, which then stays; null: the publication's own is written into it. */
  readonly origin: TraceContext | null
  /** Whether the publication stands below the origin; otherwise below the active span. */
  readonly continuesOrigin: boolean
}

/**
 * The spans of messages, named and furnished as OpenTelemetry's conventions for messaging say. Whoever handles a
 * message both continues the trace in which it was made and links to it.
 */
export class MessageSpans {
  readonly #tracer: Tracer
  readonly #publish: Readonly<Record<string, string>>
  readonly #process: Readonly<Record<string, string>>

  constructor(tracer: Tracer, broker: MessageBroker, durable?: string) {
    const system = { 'messaging.system': broker.system ?? 'golden_arch' }
    const group = durable === undefined ? {} : { 'messaging.consumer.group.name': durable }
    this.#tracer = tracer
    this.#publish = operation('publish', system)
    this.#process = operation('process', { ...system, ...group })
  }

  /** Runs `work`, the publication of one message under `subject`, in a span. */
  publish<T>(
    subject: string,
    { origin, continuesOrigin }: PublicationTrace,
    work: (span: Span) => Promise<T>,
  ): Promise<T> {
    const options: SpanOptions = {
      // A span of kind producer is one that the message's readers link to.
      kind: origin === null ? 'producer' : 'client',
      attributes: this.#publish,
      ...(origin === null ? {} : { links: [origin] }),
      ...(continuesOrigin ? { parent: origin } : {}),
    }
    return this.#tracer.trace(`publish ${subject}`, options, (span) => {
      if (span.isRecording) span.setAttributes({ 'messaging.destination.name': subject })
      return work(span)
    })
  }

  /**
   * Runs `work`, the handling of one delivery and its settlement, in a span below `origin`: where the message was made.
   * Default: what its event says, else its headers.
   */
  process(
    delivery: BrokerDelivery,
    event: EventEnvelope | null,
    work: (span: Span) => Promise<void>,
    origin: TraceContext | null = originOf(delivery, event),
  ): Promise<void> {
    const { message } = delivery
    const options: SpanOptions = {
      kind: 'consumer',
      attributes: this.#process,
      parent: origin,
      ...(origin === null ? {} : { links: [origin] }),
    }
    return this.#tracer.trace(`process ${message.subject}`, options, (span) => {
      if (span.isRecording) describeDelivery(span, delivery, event)
      return work(span)
    })
  }
}

function originOf({ message }: BrokerDelivery, event: EventEnvelope | null): TraceContext | null {
  return (event === null ? null : traceContextOf(event)) ?? traceContextOfHeaders(message.headers)
}

/** The place in a trace that an event carries; null where it has none. */
export function traceContextOf({
  traceparent,
  tracestate,
}: Pick<EventEnvelope, 'traceparent' | 'tracestate'>): TraceContext | null {
  if (traceparent === undefined) return null
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate }
}

/** The place in a trace that a message's headers name; null where they name none. */
export function traceContextOfHeaders(headers: MessageHeaders): TraceContext | null {
  const traceparent = headers.traceparent?.[0]
  if (traceparent === undefined) return null
  const tracestate = headers.tracestate?.[0]
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate }
}

/** Writes into the span of a delivery what became of it. */
export function describeSettlement(span: Span, settlement: DeliverySettlement): void {
  if (!span.isRecording) return
  span.setAttributes({ 'golden_arch.message.settlement': settlement.kind })
  if (settlement.kind !== 'dead-letter') return
  span.setAttributes({ 'error.type': settlement.code })
  span.setStatus('error', settlement.reason)
}

function describeDelivery(span: Span, delivery: BrokerDelivery, event: EventEnvelope | null): void {
  const { message, deliveries } = delivery
  span.setAttributes({
    'messaging.destination.name': message.subject,
    'messaging.message.body.size': message.payload.byteLength,
    'golden_arch.message.stream': message.stream,
    'golden_arch.message.sequence': message.sequence,
    'golden_arch.message.deliveries': deliveries,
    ...(message.messageId === null ? {} : { 'messaging.message.id': message.messageId }),
    ...(event?.correlationid === undefined
      ? {}
      : { 'messaging.message.conversation_id': event.correlationid }),
    ...(event === null ? {} : { 'golden_arch.tenant_id': event.tenantid }),
  })
}

function operation(name: string, more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.freeze({ 'messaging.operation.name': name, 'messaging.operation.type': name, ...more })
}
