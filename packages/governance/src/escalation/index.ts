export { EscalationError, type EscalationErrorCode } from './escalation-error.ts'
export type { EscalationListOptions, EscalationPage } from './escalation-rows.ts'
export { type EscalationKey, EscalationStore, type EscalationStoreOptions } from './escalation-store.ts'
export type {
  EscalationFacts,
  EscalationStatus,
  RaisedEscalation,
  SettledBy,
  Settler,
} from './raised-escalation.ts'
