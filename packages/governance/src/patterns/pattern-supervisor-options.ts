import { type Actor, type AuditLog, requireActor } from '@golden-arch/core/audit'
import {
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireMethods,
  withDefaults,
} from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import { type AlertSink, type Logger, silentAlertSink, silentLogger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import {
  type DetectionOptions,
  type ResolvedDetectionOptions,
  resolveDetectionOptions,
} from './detection-options.ts'
import { FailureHistory } from './failure-history.ts'
import { type EffectOptions, type ResolvedEffectOptions, resolveEffectOptions } from './judge-effect.ts'
import { appendLearntSection, type RenderPrompt } from './learnt-section.ts'
import type { PromptsInForce, PromptUpdates } from './ports/prompt-updates.ts'
import { type FixRegister, fixRegisterOf, type RegisteredFix } from './registered-fix.ts'

/** What a `PatternSupervisor` is made of. */
export interface PatternSupervisorOptions {
  /** A database with the migration module `governance`. Never closed here. */
  readonly database: SqlDatabase
  /** Learning governance: it alone says whether a prompt may change. */
  readonly prompts: PromptUpdates
  /** Where the prompt in force is read. */
  readonly inForce: PromptsInForce
  /** The fixes that may be taught, at most 1000. A fix that is not among them is never suggested. */
  readonly fixes: readonly RegisteredFix[]
  /** The failures, with their bounds. Default: a `FailureHistory` with the default bounds. */
  readonly history?: Pick<FailureHistory, 'forgetOld'> | undefined
  /** Makes the new prompt. Default {@link appendLearntSection}. */
  readonly renderPrompt?: RenderPrompt | undefined
  /** When a fix is a pattern. Default from 5 tasks and a lower bound of 0.8 on, by 1.96 standard errors; 1000 fixes at once. */
  readonly detection?: DetectionOptions | undefined
  /** When a pattern's effect is told. Default from 20 tasks on, in 6 looks, by 2.576 standard errors. */
  readonly effect?: EffectOptions | undefined
  /** Who proposes and rolls back; a service or an agent. Default the service `pattern-supervisor`. */
  readonly actor?: Actor | undefined
  /** Where events go. Default: none. */
  readonly outbox?: EventOutbox | undefined
  /** Where acts are recorded. Default: none. */
  readonly audit?: AuditLog | undefined
  /** Who is told of harm. Default: none. */
  readonly alerts?: AlertSink | undefined
  /** Where a round that failed is told; the next one tries again. Default: none. */
  readonly logger?: Logger | undefined
  /** Milliseconds to wait for one answer of learning governance, 1 to 600000. Default 30000 (30 seconds). */
  readonly callTimeoutMs?: number | undefined
  /** Milliseconds between two rounds of `run`, 100 to 86400000. Default 60000 (1 minute). */
  readonly pollIntervalMs?: number | undefined
  /** Where these times come from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The options with every default filled in. */
export interface PatternSupervisorParts {
  readonly database: SqlDatabase
  readonly prompts: PromptUpdates
  readonly inForce: PromptsInForce
  readonly fixes: FixRegister
  readonly history: Pick<FailureHistory, 'forgetOld'>
  readonly renderPrompt: RenderPrompt
  readonly detection: ResolvedDetectionOptions
  readonly effect: ResolvedEffectOptions
  readonly actor: Actor
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
  readonly alerts: AlertSink
  readonly logger: Logger
  readonly callTimeoutMs: number
  readonly pollIntervalMs: number
  readonly clock: Clock
}

const DEFAULTS = {
  database: undefined,
  prompts: undefined,
  inForce: undefined,
  fixes: undefined,
  history: undefined,
  renderPrompt: appendLearntSection,
  detection: Object.freeze({}),
  effect: Object.freeze({}),
  actor: Object.freeze({ id: 'pattern-supervisor', kind: 'service' } as const),
  outbox: undefined,
  audit: undefined,
  alerts: silentAlertSink,
  logger: silentLogger,
  callTimeoutMs: 30_000,
  pollIntervalMs: 60_000,
  clock: systemClock,
}

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolvePatternSupervisorOptions(options: PatternSupervisorOptions): PatternSupervisorParts {
  const given = withDefaults(options, DEFAULTS)
  const database = requireMethods('database', given.database, ['query', 'transaction'])
  const actor = requireActor(given.actor)
  if (actor.kind === 'human') throw new InvalidOptionError('actor.kind', 'service or agent', actor.kind)
  return {
    ...given,
    database,
    prompts: requireMethods('prompts', given.prompts, ['propose', 'rollback']),
    inForce: requireMethods('inForce', given.inForce, ['findCurrent']),
    fixes: fixRegisterOf(given.fixes),
    history: given.history ?? new FailureHistory({ database }),
    renderPrompt: requireFunction('renderPrompt', given.renderPrompt),
    detection: resolveDetectionOptions(given.detection, 'detection.'),
    effect: resolveEffectOptions(given.effect),
    actor,
    callTimeoutMs: requireInteger('callTimeoutMs', given.callTimeoutMs, { min: 1, max: 600_000 }),
    pollIntervalMs: requireInteger('pollIntervalMs', given.pollIntervalMs, { min: 100, max: 86_400_000 }),
  }
}
