import { TERM_REASON } from './termination.ts'

/** A message that the server gave up without its having become a dead letter. */
export interface StrandedMessage {
  readonly stream: string
  readonly consumer: string
  readonly sequence: string
  readonly deliveries: number
  /** Why, as far as the server knows. */
  readonly reason: string
  readonly code: 'MAX_DELIVERIES' | 'TERMINATED'
}

const MAX_DELIVER = 'io.nats.jetstream.advisory.v1.max_deliver'
const TERMINATED = 'io.nats.jetstream.advisory.v1.terminated'

/** The message that an advisory of the server speaks of; null where it is none, or is a dead letter already. */
export function readAdvisory(payload: Uint8Array): StrandedMessage | null {
  const advisory = parse(payload)
  if (advisory === null) return null
  const { type, stream, consumer, stream_seq: sequence, deliveries, reason } = advisory
  if (typeof stream !== 'string' || typeof consumer !== 'string') return null
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) return null
  const message = {
    stream,
    consumer,
    sequence: String(sequence),
    deliveries: typeof deliveries === 'number' && Number.isSafeInteger(deliveries) ? deliveries : 0,
  }
  if (type === MAX_DELIVER) {
    const text = `delivered ${message.deliveries} times without being settled`
    return { ...message, reason: text, code: 'MAX_DELIVERIES' }
  }
  if (type !== TERMINATED || reason === TERM_REASON) return null
  const text = typeof reason === 'string' && reason !== '' ? reason : 'terminated without a reason'
  return { ...message, reason: text, code: 'TERMINATED' }
}

function parse(payload: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload))
    // Each member is looked at before it is used.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
