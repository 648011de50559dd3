/** A promise to users, as an objective and the events by which it is kept or broken. */
export interface ServiceLevel {
  /** Value of the label `slo`. */
  readonly name: string
  /** Name of its alerts, and of their runbook. */
  readonly alert: string
  /** What is promised, for people. */
  readonly promise: string
  /** The share of events that must be good, between 0 and 1. */
  readonly objective: number
  /** PromQL of how many bad events there were within a window such as `5m`; 0 where there were none. */
  readonly errors: (window: string) => string
  /** PromQL of how many events there were within a window. */
  readonly events: (window: string) => string
  /** With fewer events within the longer window nobody is woken: a few failures of a few calls prove nothing. */
  readonly minPageEvents: number
  /** With fewer events no ticket is written. */
  readonly minTicketEvents: number
}

const JOB = 'job="golden-architecture"'

/** The promises of the system. The objectives of 95 % stand for the 95th percentiles and shares that it promises. */
export const SERVICE_LEVELS: readonly ServiceLevel[] = [
  {
    name: 'uptime',
    alert: 'UptimeBudgetBurn',
    promise: 'The API is up for 99.9 % of the time.',
    objective: 0.999,
    errors: (window) => `(count_over_time(slo:up[${window}]) - sum_over_time(slo:up[${window}]))`,
    events: (window) => `count_over_time(slo:up[${window}])`,
    // Looks at the processes, twice a minute.
    minPageEvents: 10,
    minTicketEvents: 10,
  },
  {
    name: 'requests',
    alert: 'RequestErrorBudgetBurn',
    promise: 'Less than 1 % of requests fail through a fault of the server.',
    objective: 0.99,
    errors: (window) =>
      `(sum(increase(http_requests_total{${JOB}, status_class="5xx"}[${window}])) or vector(0))`,
    events: (window) => `sum(increase(http_requests_total{${JOB}}[${window}]))`,
    minPageEvents: 100,
    minTicketEvents: 200,
  },
  {
    name: 'task-completion',
    alert: 'TaskCompletionBudgetBurn',
    promise: 'More than 95 % of the tasks that people post and do not cancel are completed.',
    objective: 0.95,
    errors: (window) =>
      `(sum(increase(tasks_ended_total{kind="root", status="failed"}[${window}])) or vector(0))`,
    events: (window) =>
      `sum(increase(tasks_ended_total{kind="root", status=~"completed|failed"}[${window}]))`,
    minPageEvents: 10,
    minTicketEvents: 40,
  },
  {
    name: 'peer-review',
    alert: 'PeerReviewBudgetBurn',
    promise: '95 % of peer reviews come to their outcome within 180 seconds.',
    objective: 0.95,
    errors: (window) =>
      `(sum(increase(peer_review_consensus_time_seconds_count[${window}])) - ` +
      `sum(increase(peer_review_consensus_time_seconds_bucket{le=~"180([.]0)?"}[${window}])))`,
    events: (window) => `sum(increase(peer_review_consensus_time_seconds_count[${window}]))`,
    minPageEvents: 10,
    minTicketEvents: 40,
  },
  {
    name: 'sandbox',
    alert: 'SandboxTimeoutBudgetBurn',
    promise: 'Less than 5 % of sandbox executions are stopped at their time limit.',
    objective: 0.95,
    errors: (window) =>
      `(sum(increase(sandbox_executions_total{status="timed-out"}[${window}])) or vector(0))`,
    events: (window) => `sum(increase(sandbox_executions_total{status!="cancelled"}[${window}]))`,
    minPageEvents: 20,
    minTicketEvents: 40,
  },
]
