export { Inbox, type InboxOptions } from './adapters/sql/inbox.ts'
export type { ConsumerReport } from './consumer/consumer-run.ts'
export { EventConsumer } from './consumer/event-consumer.ts'
export type { EventConsumerOptions } from './consumer/event-consumer-options.ts'
export type { RedeliveryOptions } from './consumer/redelivery-options.ts'
export type {
  DeadLetter,
  DeadLetterResolution,
  DeadLetterSource,
  DeadLetterStatus,
  DeadLetterSummary,
  StoredDeadLetter,
  TenantScope,
} from './dead-letters/dead-letter.ts'
export { DeadLetterError, type DeadLetterErrorCode } from './dead-letters/dead-letter-error.ts'
export { DeadLetterQueue } from './dead-letters/dead-letter-queue.ts'
export type { DeadLetterQueueOptions } from './dead-letters/dead-letter-queue-options.ts'
export { DeadLetterRecorder } from './dead-letters/dead-letter-recorder.ts'
export type { DeadLetterRecorderOptions } from './dead-letters/dead-letter-recorder-options.ts'
export type { DeadLetterFilter } from './dead-letters/find-dead-letters.ts'
export type {
  DeadLetterCounts,
  DeadLetterGroup,
} from './dead-letters/group-dead-letters.ts'
export type { RedriveObstacle } from './dead-letters/redrive-claims.ts'
export type { RedriveReport, RedriveRequest, RedriveResult } from './dead-letters/redrive-dead-letters.ts'
export type {
  GroupResolutionResult,
  ResolutionRequest,
  ResolutionResult,
} from './dead-letters/resolve-dead-letters.ts'
export { ack, type Decision, type DeliverySettlement, deadLetter, retryAfter } from './decision.ts'
export type { Delivery, EventHandler } from './delivery.ts'
export { decodeEvent, encodeEvent } from './envelope.ts'
export {
  EventPublisher,
  type EventPublisherOptions,
  type EventToPublish,
  type PublishedEvent,
} from './event-publisher.ts'
export type { MessageHeaders } from './message-headers.ts'
export { MessagingError, type MessagingErrorCode, NonRetryableError } from './messaging-error.ts'
export { OutboxRelay, type RelayRound } from './outbox/outbox-relay.ts'
export type { OutboxRelayOptions } from './outbox/outbox-relay-options.ts'
export type {
  AttemptFailure,
  AttemptKey,
  AttemptStore,
  Attempts,
  FailedStart,
} from './ports/attempt-store.ts'
export type {
  BrokerCapabilities,
  BrokerDelivery,
  DeliveryReceiver,
  DrainReport,
  EnsureReport,
  MessageBroker,
  MessagePlace,
  OutgoingMessage,
  PublishOptions,
  Receipt,
  StoredMessage,
  StreamDrift,
  Subscription,
  SubscriptionOptions,
} from './ports/message-broker.ts'
export type { InboxKey, InboxOutcome, MessageInbox } from './ports/message-inbox.ts'
export type { StreamDefinition } from './streams/stream-definition.ts'
export { STREAM_TOPOLOGY } from './streams/stream-topology.ts'
