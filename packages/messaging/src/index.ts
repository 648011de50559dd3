export { InProcessBroker } from './adapters/memory/in-process-broker.ts'
export {
  DEFAULT_IN_PROCESS_BROKER_OPTIONS,
  type InProcessBrokerOptions,
} from './adapters/memory/in-process-broker-options.ts'
export { Inbox, type InboxKey, type InboxOutcome } from './inbox.ts'
export { MessagingError, type MessagingErrorCode } from './messaging-error.ts'
export { OutboxRelay, type RelayRound } from './outbox-relay.ts'
export { DEFAULT_OUTBOX_RELAY_OPTIONS, type OutboxRelayOptions } from './outbox-relay-options.ts'
export type {
  BrokerCapabilities,
  Delivery,
  DeliveryHandler,
  MessageBroker,
  PublishOptions,
  SubscribeOptions,
  Subscription,
} from './ports/message-broker.ts'
