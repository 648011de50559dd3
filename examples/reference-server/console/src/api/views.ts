import type { components, paths } from './schema.d.ts'

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } }
}
  ? Body
  : never

export type TaskView = components['schemas']['Task']
export type TaskStatus = TaskView['status']
export type StatsView = components['schemas']['Stats']
export type AgentView = Answer<'/api/v1/agents'>['agents'][number]
export type BudgetView = components['schemas']['BudgetState']
export type MoneyView = components['schemas']['Money']
export type BreakerView = components['schemas']['CircuitBreaker']
export type DeadLetterView = components['schemas']['DeadLetter']
export type DeadLetterGroupView = Answer<'/api/v1/dlq/groups'>['groups'][number]
export type ProposalView = Answer<'/api/v1/governance/proposals'>['proposals'][number]
export type ReviewView = Answer<'/api/v1/reviews'>['reviews'][number]
export type EscalationView = Answer<'/api/v1/escalations'>['escalations'][number]
export type AuditEntryView = components['schemas']['AuditEntry']
export type ServiceWorkView = components['schemas']['ServiceWork']
export type SigningKeyView = Answer<'/api/v1/system'>['signing_keys'][number]
export type ActivityView = components['schemas']['Activity']
export type TaskWorkView = components['schemas']['TaskWork']
