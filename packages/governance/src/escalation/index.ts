export { EscalationError, type EscalationErrorCode } from './escalation-error.ts'
export {
  type Acknowledgement,
  ESCALATION_LEVELS,
  ESCALATION_STATUSES,
  type EscalationFacts,
  type EscalationRecord,
  type EscalationStatus,
  type Resolution,
} from './escalation-record.ts'
export type { EscalationFilter } from './escalation-rows.ts'
export {
  type AcknowledgeCommand,
  type EscalationListOptions,
  type EscalationPage,
  EscalationStore,
  type EscalationStoreOptions,
  type ResolveCommand,
} from './escalation-store.ts'
