export { EscalationError, type EscalationErrorCode } from './escalation-error.ts'
export type { EscalationListOptions } from './escalation-rows.ts'
export {
  type AcknowledgementCommand,
  type EscalationKey,
  EscalationStore,
  type EscalationStoreOptions,
  type ResolutionCommand,
} from './escalation-store.ts'
export type {
  EscalationFacts,
  EscalationStatus,
  RaisedEscalation,
  SettledBy,
} from './raised-escalation.ts'
