export {
  AdvisoryReconciler,
  type AdvisoryReconcilerOptions,
} from './advisory-reconciler.ts'
export { JetStreamBroker } from './jetstream-broker.ts'
export type { JetStreamBrokerOptions } from './jetstream-broker-options.ts'
export { JetStreamSupportError, type JetStreamSupportErrorCode } from './jetstream-support.ts'
export type { SweepReport } from './sweep-consumers.ts'
