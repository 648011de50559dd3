import type { ConsumerConfig, JetStreamManager } from '@nats-io/jetstream'
import type { SubscriptionOptions } from '../../ports/message-broker.ts'
import { isNotFound } from './jetstream-failure.ts'

const NANOS_PER_MS = 1_000_000
/**
 * Deliveries of one consumer that may be unsettled on the server, over all processes. Messages that wait for their next
 * attempt count, so a low bound would let them hold up those that are well.
 */
const MAX_ACK_PENDING = 65_536

/** The durable consumer for a subscription. `maxDeliver` -1: the server never gives a message up. */
function consumerConfiguration(options: SubscriptionOptions, maxDeliver: number): Partial<ConsumerConfig> {
  const { durable, subjects, leaseMs } = options
  return {
    durable_name: durable,
    ack_policy: 'explicit',
    ack_wait: leaseMs * NANOS_PER_MS,
    max_deliver: maxDeliver,
    max_ack_pending: MAX_ACK_PENDING,
    // No filter is what the server takes for all; a filter must lie within the stream's subjects.
    filter_subjects: subjects === undefined || subjects.includes('>') ? [] : [...subjects],
  }
}

/** Creates the consumer, or brings an existing one up to date; where it starts is settled by its first subscription. */
export async function ensureConsumer(
  manager: JetStreamManager,
  options: SubscriptionOptions,
  maxDeliver: number,
): Promise<void> {
  const { stream, durable, startAt = 'all' } = options
  const wanted = consumerConfiguration(options, maxDeliver)
  let found: ConsumerConfig
  try {
    found = (await manager.consumers.info(stream, durable)).config
  } catch (error) {
    if (!isNotFound(error, 'consumerNotFound')) throw error
    await manager.consumers.add(stream, { ...wanted, deliver_policy: startAt })
    return
  }
  if (!isUpToDate(wanted, found)) {
    const { durable_name: _fixed, ack_policy: _policy, ...changes } = wanted
    await manager.consumers.update(stream, durable, changes)
  }
}

function isUpToDate(wanted: Partial<ConsumerConfig>, found: ConsumerConfig): boolean {
  const subjects = found.filter_subjects ?? (found.filter_subject ? [found.filter_subject] : [])
  return (
    wanted.ack_wait === found.ack_wait &&
    wanted.max_deliver === found.max_deliver &&
    wanted.max_ack_pending === found.max_ack_pending &&
    [...(wanted.filter_subjects ?? [])].sort().join(' ') === [...subjects].sort().join(' ')
  )
}
