import { type Actor, type AuditLog, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import { type AlertSink, silentAlertSink } from '@golden-arch/core/observability'
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
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** Learning governance: it alone says whether a prompt may change. */
  readonly prompts: PromptUpdates
  /** Where the prompt in force is read. */
  readonly inForce: PromptsInForce
  /** The fixes that may be taught, at most 1000. A fix that is not among them is never suggested. */
  readonly fixes: readonly RegisteredFix[]
  /** The failures, with their bounds. Default: a `FailureHistory` with the default bounds. */
  readonly history?: FailureHistory
  /** Makes the new prompt. Default {@link appendLearntSection}. */
  readonly renderPrompt?: RenderPrompt
  /** When a fix is a pattern. */
  readonly detection?: DetectionOptions
  /** When a pattern's effect is told. */
  readonly effect?: EffectOptions
  /** Who proposes and rolls back; a service or an agent. Default the service `pattern-supervisor`. */
  readonly actor?: Actor
  /** Where events go. Default: nowhere. */
  readonly outbox?: EventOutbox
  /** Where acts are recorded. Default: nowhere. */
  readonly audit?: AuditLog
  /** Who is told of harm. Default: nobody. */
  readonly alerts?: AlertSink
  /** Patterns taught in one update, 1 to 10. Default 5. */
  readonly maxPatternsPerUpdate?: number
  /** Hours after which what was refused for another reason than time is proposed again, 1 to 8760. Default 24. */
  readonly retryRefusedAfterHours?: number
  /** Milliseconds to wait for one answer of learning governance, 1 to 600000. Default 30000 (30 seconds). */
  readonly callTimeoutMs?: number
  /** Where that time comes from. Default the system clock. */
  readonly clock?: Clock
}

/** The options with every default filled in. */
export interface PatternSupervisorParts {
  readonly database: SqlDatabase
  readonly prompts: PromptUpdates
  readonly inForce: PromptsInForce
  readonly fixes: FixRegister
  readonly history: FailureHistory
  readonly renderPrompt: RenderPrompt
  readonly detection: ResolvedDetectionOptions
  readonly effect: ResolvedEffectOptions
  readonly actor: Actor
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
  readonly alerts: AlertSink
  readonly maxPatternsPerUpdate: number
  readonly retryRefusedAfterHours: number
  readonly callTimeoutMs: number
  readonly clock: Clock
}

const SUPERVISOR: Actor = Object.freeze({ id: 'pattern-supervisor', kind: 'service' })

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolvePatternSupervisorOptions(options: PatternSupervisorOptions): PatternSupervisorParts {
  const { database, prompts, inForce, outbox, audit } = options
  const actor = requireActor(options.actor ?? SUPERVISOR)
  if (actor.kind === 'human') throw new InvalidOptionError('actor.kind', 'service or agent', actor.kind)
  return {
    database,
    prompts,
    inForce,
    fixes: fixRegisterOf(options.fixes),
    history: options.history ?? new FailureHistory({ database }),
    renderPrompt: options.renderPrompt ?? appendLearntSection,
    detection: resolveDetectionOptions(options.detection),
    effect: resolveEffectOptions(options.effect),
    actor,
    outbox,
    audit,
    alerts: options.alerts ?? silentAlertSink,
    maxPatternsPerUpdate: requireInteger('maxPatternsPerUpdate', options.maxPatternsPerUpdate ?? 5, {
      min: 1,
      max: 10,
    }),
    retryRefusedAfterHours: requireInteger('retryRefusedAfterHours', options.retryRefusedAfterHours ?? 24, {
      min: 1,
      max: 8760,
    }),
    callTimeoutMs: requireInteger('callTimeoutMs', options.callTimeoutMs ?? 30_000, { min: 1, max: 600_000 }),
    clock: options.clock ?? systemClock,
  }
}
