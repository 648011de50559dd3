import type { CounterName, GaugeName, HistogramName } from './metric-name.ts'
import { unitOfName } from './metric-unit.ts'
import type { MetricDefinition } from './metrics.ts'

/** The metrics of the catalogue, each with its kind. */
export type MetricCatalogue = Readonly<
  Record<CounterName, MetricDefinition<'counter'>> &
    Record<GaugeName, MetricDefinition<'gauge'>> &
    Record<HistogramName, MetricDefinition<'histogram'>>
>

/** From a warm start to the longest time that a guest may have. */
const SANDBOX_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600]

/** Close around the 150 and 180 seconds that scaling and service levels look at, up to an hour. */
const REVIEW_SECONDS = [1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 150, 180, 210, 240, 300, 600, 1800, 3600]

/** From a minute to a week: people settle escalations. */
const ESCALATION_SECONDS = [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200, 604_800]

/** Close around the 100 milliseconds that answers may take at the 95th percentile. */
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** From a cached answer to the longest that a model may think. */
const MODEL_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600]

/** The metrics whose names dashboards know. One place, so that no two modules spell one name. */
export const METRICS: MetricCatalogue = Object.freeze({
  webhookAlerts: counter('webhook_alerts_total', 'Alerts for a webhook by outcome', ['outcome']),
  llmThreatFindings: counter('llm_threat_findings_total', 'Threats found in texts by rule', ['rule']),
  llmAttempts: counter('llm_attempts_total', 'Calls of a model for one value by how the asking ended', [
    'outcome',
  ]),
  llmValidationFailures: counter('llm_validation_failures_total', 'Model answers that were refused', [
    'code',
  ]),
  llmValidationFixes: counter('llm_validation_fixes_total', 'Fixes by which model answers were read', [
    'name',
  ]),
  sandboxExecutions: counter('sandbox_executions_total', 'Sandbox executions by how they ended', [
    'backend',
    'language',
    'status',
  ]),
  sandboxExecutionFailures: counter(
    'sandbox_execution_failures_total',
    'Sandbox executions that the host failed to carry out',
    ['backend', 'language'],
  ),
  sandboxExecutionSeconds: histogram(
    'sandbox_execution_seconds',
    'Time of a sandbox execution, from its turn to its end',
    ['backend', 'language'],
    SANDBOX_SECONDS,
  ),
  sandboxRefusals: counter('sandbox_refusals_total', 'Sandbox executions that were refused, by error code', [
    'backend',
    'code',
  ]),
  sandboxQueueDepth: gauge('sandbox_queue_depth', 'Sandbox executions that wait for their turn', ['backend']),
  sandboxQueueWaitSeconds: histogram(
    'sandbox_queue_wait_seconds',
    'Time that a sandbox execution waited for its turn',
    ['backend', 'priority'],
    SANDBOX_SECONDS,
  ),
  sandboxPoolSize: gauge('sandbox_pool_size', 'Sandboxes that were started ahead and wait', ['backend']),
  sandboxSessionsOpen: gauge('sandbox_sessions_open', 'Sandbox sessions that are open', ['backend']),
  sandboxStarts: counter('sandbox_starts_total', 'Sandboxes given, by whether they were started ahead', [
    'backend',
    'temperature',
  ]),
  sandboxOrphansReaped: counter(
    'sandbox_orphans_reaped_total',
    'Sandboxes of dead processes that were removed',
    ['backend'],
  ),
  sandboxEscapes: counter(
    'sandbox_escapes_total',
    'Proofs of isolation that found a way out of the sandbox; any is an alarm',
    ['backend'],
  ),
  sandboxEgressConnections: counter(
    'sandbox_egress_connections_total',
    'Connections that programs in sandboxes asked for, by whether they were allowed or refused',
    ['backend', 'decision'],
  ),
  budgetErrors: counter('budget_errors_total', 'Budget operations that failed', ['operation', 'code']),
  budgetRequests: counter('budget_requests_total', 'Budget requests by outcome', ['outcome']),
  budgetTokens: counter('budget_tokens_total', 'Tokens reserved, used and denied', ['kind']),
  budgetMoneyMicros: counter(
    'budget_money_micros_total',
    'Money reserved, used and denied, in millionths of the currency',
    ['kind', 'currency'],
  ),
  budgetBatchLength: histogram(
    'budget_batch_length',
    'Reservations handled in one call to the ledger',
    [],
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
  ),
  budgetQueueLength: gauge('budget_queue_length', 'Reservations that wait for the ledger', []),
  budgetExpiries: counter('budget_expiries_total', 'Holds that nobody settled in time', []),
  budgetSoftLimits: counter('budget_soft_limits_total', 'Percentages of limits that use reached, by level', [
    'level',
  ]),
  budgetExhaustions: counter(
    'budget_exhaustions_total',
    'Budgets that denied a request for want of room, once for each limit and period, by level',
    ['level'],
  ),
  budgetOverdrafts: counter('budget_overdrafts_total', 'Commits of more than was held', []),
  circuitBreakerState: gauge('circuit_breaker_state', 'State of a circuit: 0 closed, 1 half-open, 2 open', [
    'name',
  ]),
  circuitBreakerCalls: counter('circuit_breaker_calls_total', 'Calls through a circuit breaker by outcome', [
    'name',
    'outcome',
  ]),
  circuitBreakerTransitions: counter('circuit_breaker_transitions_total', 'Transitions of a circuit', [
    'name',
    'to',
  ]),
  circuitBreakerCallSeconds: histogram(
    'circuit_breaker_call_seconds',
    'Time of a call through a circuit breaker',
    ['name'],
  ),
  circuitBreakerSharedUp: gauge(
    'circuit_breaker_shared_up',
    'Whether this process shares its circuits with the others (1) or decides alone (0)',
    [],
  ),
  circuitBreakerSharingFailures: counter(
    'circuit_breaker_sharing_failures_total',
    'Commands to the shared store or the memory of circuits that failed',
    ['operation'],
  ),
  componentUp: gauge('component_up', 'Whether a server that the process leans on answers it (1) or not (0)', [
    'component',
  ]),
  serviceUp: gauge('service_up', 'The roles of the process, each 1', ['service']),
  dlqRecorded: counter('dlq_recorded_total', 'Dead letters written to the database', ['stream']),
  dlqRedriven: counter('dlq_redriven_total', 'Redrives of dead letters by outcome', ['outcome']),
  dlqMessageCount: gauge('dlq_message_count', 'Dead letters that nobody has resolved', []),
  idempotencyCacheHits: counter('idempotency_cache_hits_total', 'Budget requests answered as replays', []),
  limiterDecisions: counter('limiter_decisions_total', 'Decisions of the rate limiter by who decided', [
    'role',
    'outcome',
    'source',
  ]),
  limiterDegraded: gauge(
    'limiter_degraded',
    'Whether this process limits calls alone, as the shared limiter does not answer (1), or not (0)',
    [],
  ),
  messagesPublished: counter('messages_published_total', 'Messages stored in a stream', ['stream']),
  messagesConsumed: counter('messages_consumed_total', 'Messages handled to the end', ['stream', 'consumer']),
  messagesRetried: counter('messages_retried_total', 'Messages put back to be tried again', [
    'stream',
    'consumer',
  ]),
  messagesDeadLettered: counter('messages_dead_lettered_total', 'Messages given up', [
    'stream',
    'consumer',
    'code',
  ]),
  messageHandlerSeconds: histogram('message_handler_seconds', 'Time of a message handler', [
    'stream',
    'consumer',
  ]),
  messagesPending: gauge('messages_pending', 'Messages stored for a consumer and not yet settled', [
    'stream',
    'consumer',
  ]),
  activeTasks: gauge(
    'active_tasks',
    'Tasks that have not ended and wait for no person, in the whole system',
    [],
  ),
  queueDepth: gauge('queue_depth', 'Work that waits for a service, in the whole system', ['service']),
  escalationsOpen: gauge('escalations_open', 'Escalations that nobody has resolved, in the whole system', []),
  httpRequests: counter('http_requests_total', 'Requests answered, by the route as it is declared', [
    'route',
    'method',
    'status_class',
  ]),
  httpRequestSeconds: histogram(
    'http_request_seconds',
    'Time of a request from its head to the end of its answer; streams and sockets are not timed',
    ['route', 'method'],
    HTTP_SECONDS,
  ),
  metricSeriesRefused: counter(
    'metric_series_refused_total',
    'Measurements counted under `other`, as their metric has as many series as it may',
    ['metric'],
  ),
  modelCalls: counter('model_calls_total', 'Calls of models by how they ended', ['model', 'outcome']),
  modelCallSeconds: histogram(
    'model_call_seconds',
    'Time of one call of a model, from its sending to its end',
    ['model'],
    MODEL_SECONDS,
  ),
  modelTokens: counter(
    'model_tokens_total',
    'Tokens that models told of: input, output, or whole where they told no parts',
    ['model', 'kind'],
  ),
  modelMoneyMicros: counter(
    'model_money_micros_total',
    'What answers of models cost by their price, in millionths of the currency',
    ['model', 'currency'],
  ),
  modelCallsOpen: gauge('model_calls_open', 'Calls of models that this process waits for', ['model']),
  escalationEvents: counter(
    'escalation_events_total',
    'What happened to escalations: raised, acknowledged, assigned, resolved, taken to the next level and so on',
    ['event', 'severity'],
  ),
  escalationResolutionSeconds: histogram(
    'escalation_resolution_seconds',
    'Time of an escalation from its raising to its resolution by a person',
    ['severity'],
    ESCALATION_SECONDS,
  ),
  learningActs: counter('learning_acts_total', 'Acts on the prompts of agents by what came of them', [
    'act',
    'outcome',
  ]),
  reviewVotes: counter('review_votes_total', 'Votes in peer review by how they counted', ['receipt']),
  peerReviewConsensusTimeSeconds: histogram(
    'peer_review_consensus_time_seconds',
    'Time of a round of peer review from its opening to its outcome',
    ['outcome'],
    REVIEW_SECONDS,
  ),
  outboxLagSeconds: gauge('outbox_lag_seconds', 'Age of the oldest event that waits in the outbox', []),
  outboxPublished: counter('outbox_published_total', 'Outbox events handed to the broker', ['type']),
  rbacPermissionDenied: counter('rbac_permission_denied_total', 'Calls refused for want of a permission', [
    'permission',
    'role',
  ]),
  signIns: counter('sign_ins_total', 'Tries to sign in by outcome', ['outcome']),
  policyRejections: counter('policy_rejections_total', 'Calls that a bulkhead or a throttle refused', [
    'policy',
    'code',
  ]),
  bulkheadQueueLength: gauge('bulkhead_queue_length', 'Calls that wait for a place', ['policy']),
  retries: counter('retries_total', 'Failed attempts by what followed: retried, or why it was given up', [
    'policy',
    'outcome',
  ]),
  auditEntriesWritten: counter('audit_entries_written_total', 'Audit entries stored by batched writers', []),
  auditEntriesLinked: counter('audit_entries_linked_total', 'Audit entries given their place in a chain', []),
  auditLinkLagSeconds: gauge(
    'audit_link_lag_seconds',
    'Age of the oldest audit entry that waited for its place when it was looked',
    [],
  ),
  auditVerificationFailures: counter(
    'audit_verification_failures_total',
    'Verifications that found an audit chain bad, by why',
    ['reason'],
  ),
  auditVerificationAgeSeconds: gauge(
    'audit_verification_age_seconds',
    'Age of the oldest last verification that found an audit chain good; a bad one is counted instead',
    [],
  ),
  autoFix: counter('auto_fix_total', 'Tries of fixes of failed guards, by how they began and ended', [
    'guard',
    'outcome',
  ]),
  taskTransitions: counter('task_transitions_total', 'Task transitions', ['to']),
  tasksEnded: counter('tasks_ended_total', 'Tasks that ended, by kind and final status', ['kind', 'status']),
})

function counter(name: string, help: string, labelNames: readonly string[]): MetricDefinition<'counter'> {
  return Object.freeze({ kind: 'counter', name, help, labelNames, unit: unitOfName(name) })
}

function gauge(name: string, help: string, labelNames: readonly string[]): MetricDefinition<'gauge'> {
  return Object.freeze({ kind: 'gauge', name, help, labelNames, unit: unitOfName(name) })
}

function histogram(
  name: string,
  help: string,
  labelNames: readonly string[],
  buckets?: readonly number[],
): MetricDefinition<'histogram'> {
  return Object.freeze({
    kind: 'histogram',
    name,
    help,
    labelNames,
    unit: unitOfName(name),
    ...(buckets === undefined ? {} : { buckets }),
  })
}
