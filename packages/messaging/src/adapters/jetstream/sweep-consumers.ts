import { isGoldenError } from '@golden-arch/core/errors'
import type { AlertSink } from '@golden-arch/core/observability'
import type { ConsumerInfo, JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { translateFailure } from './jetstream-failure.ts'

/** What a sweep works with. */
export interface SweepTools {
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly deadLetterStream: string
  readonly alerts: AlertSink
  /** How far each unattended consumer was at the last sweep; kept by the caller. */
  readonly standstills: Map<string, string>
}

/** What a sweep found. */
export interface SweepReport {
  readonly consumers: number
  /** Have messages and no open pull. */
  readonly unattended: number
  /** Of these, asked for a message, so that the server notices deliveries that are used up. */
  readonly asked: number
}

const ASK_MS = 1000
const FULL_SHARE = 0.8

/**
 * Looks at each consumer of the streams and at the dead-letter stream. One that fails keeps none behind it from being looked
 * at, unless the server does not answer, for which each would wait as long; the first failure is thrown at the end.
 */
export async function sweepConsumers(tools: SweepTools, streams: readonly string[]): Promise<SweepReport> {
  const report = { consumers: 0, unattended: 0, asked: 0 }
  const looks = [
    ...streams.map((stream) => ({ stream, look: () => sweepStream(tools, stream, report) })),
    { stream: tools.deadLetterStream, look: () => watchDeadLetters(tools) },
  ]
  let firstFailure: Error | undefined
  for (const { stream, look } of looks) {
    try {
      await look()
    } catch (error) {
      const failure = translateFailure(error, { stream })
      firstFailure ??= failure
      if (isGoldenError(failure, 'DEADLINE_EXCEEDED')) break
    }
  }
  if (firstFailure !== undefined) throw firstFailure
  return report
}

async function sweepStream(
  tools: SweepTools,
  stream: string,
  report: { -readonly [K in keyof SweepReport]: SweepReport[K] },
): Promise<void> {
  for await (const info of tools.manager.consumers.list(stream)) {
    report.consumers++
    const name = `${stream}/${info.name}`
    const lastSeen = tools.standstills.get(name)
    tools.standstills.delete(name)
    if (info.num_waiting > 0 || info.num_pending + info.num_ack_pending === 0) continue
    report.unattended++
    if (info.num_ack_pending > 0) {
      await askForOne(tools.client, info)
      report.asked++
    }
    // A consumer that is busy has no open pull either, but it gets on from one sweep to the next.
    const place = `${info.delivered.stream_seq}/${info.ack_floor.stream_seq}`
    tools.standstills.set(name, place)
    if (lastSeen !== place) continue
    tools.alerts.raise({
      kind: 'consumer.unattended',
      severity: 'warning',
      summary: `${info.num_pending + info.num_ack_pending} messages of ${stream} wait and nobody pulls for ${info.name}.`,
      key: name,
      details: { stream, consumer: info.name, pending: info.num_pending, unsettled: info.num_ack_pending },
    })
  }
}

/**
 * On its way to a message that it may deliver the server notices those whose deliveries are used up. No message fits into one
 * byte: it says so, and no delivery of the one it came to is used up.
 */
async function askForOne(client: JetStreamClient, info: ConsumerInfo): Promise<void> {
  const consumer = client.consumers.getConsumerFromInfo(info)
  try {
    const messages = await consumer.fetch({ max_bytes: 1, expires: ASK_MS })
    for await (const message of messages) message.nak()
  } catch (error) {
    if (!isConflict(error)) throw error
  }
}

/** Whether the server has heard what was asked for, and will not do it. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 409
}

async function watchDeadLetters({ manager, deadLetterStream, alerts }: SweepTools): Promise<void> {
  const { state, config } = await manager.streams.info(deadLetterStream)
  if (config.max_bytes <= 0 || state.bytes < config.max_bytes * FULL_SHARE) return
  alerts.raise({
    kind: 'deadLetter.streamNearlyFull',
    severity: 'critical',
    summary: `${deadLetterStream} holds ${state.messages} dead letters that are not recorded and is nearly full.`,
    key: deadLetterStream,
    details: { stream: deadLetterStream, bytes: state.bytes, maxBytes: config.max_bytes },
  })
}
