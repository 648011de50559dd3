import { type Complete, requireInteger, requireOneOf, withDefaults } from '../../errors/index.ts'
import type { Metrics } from '../../observability/index.ts'
import { THREAT_RULES } from './rules/threat-rules.ts'
import { resolveThreatContexts, type ThreatContext, type ThreatSink } from './threat-context.ts'
import type { ThreatRule, ThreatSeverity } from './threat-rule.ts'

const POLICIES = ['flag', 'reject', 'redact'] as const
const SEVERITIES = ['low', 'medium', 'high'] as const

/**
 * What follows from a finding. `flag`: the findings are told, no more. `reject`: the verdict is `reject` from a severity
 * on. `redact`: the places found are replaced by a marker in the text that is given back; the verdict is `flag`, whatever
 * the severity, so that a gate on `reject` lets it pass. Go on with the text that is given back, never with the original.
 */
export type ThreatPolicy = (typeof POLICIES)[number]

/** What to look for, and what to do with it. */
export interface DetectThreatsOptions {
  /** Where the text goes. Name the sinks that it really reaches: what is harmless in one is an attack in another. */
  readonly contexts: readonly ThreatContext[]
  /**
   * What follows from a finding: `flag`, `reject` or `redact`. The verdict `reject` comes of policy `reject` alone.
   * Default `flag`.
   */
  readonly policy?: ThreatPolicy | undefined
  /** The least severity that policy `reject` rejects. Default `high`. */
  readonly rejectFrom?: ThreatSeverity | undefined
  /** The rules. Default `THREAT_RULES`. */
  readonly rules?: readonly ThreatRule[] | undefined
  /** Longest text looked at, in UTF-16 code units, 1 to 100000000. Default 1000000. A longer one is a finding itself. */
  readonly maxCharacters?: number | undefined
  /** Most findings, 1 to 10000. Default 100. */
  readonly maxFindings?: number | undefined
  /** Where findings are counted by rule. Default: none. */
  readonly metrics?: Metrics | undefined
}

/** Options as the code may rely on them. */
export interface ResolvedDetectThreatsOptions {
  readonly contexts: readonly ThreatSink[]
  readonly policy: ThreatPolicy
  readonly rejectFrom: ThreatSeverity
  readonly rules: readonly ThreatRule[]
  readonly maxCharacters: number
  readonly maxFindings: number
  readonly metrics: Metrics | undefined
}

/** What holds where nothing is said. */
const DEFAULT_DETECT_THREATS_OPTIONS: Readonly<
  Omit<Complete<DetectThreatsOptions>, 'contexts' | 'metrics'> & { contexts: undefined; metrics: undefined }
> = Object.freeze({
  contexts: undefined,
  policy: 'flag',
  rejectFrom: 'high',
  rules: THREAT_RULES,
  maxCharacters: 1_000_000,
  maxFindings: 100,
  metrics: undefined,
})

/** Options with defaults filled in. @throws InvalidOptionError `INVALID_OPTION` on one that is out of range. */
export function resolveDetectThreatsOptions(options: DetectThreatsOptions): ResolvedDetectThreatsOptions {
  const merged = withDefaults<DetectThreatsOptions, typeof DEFAULT_DETECT_THREATS_OPTIONS>(
    options,
    DEFAULT_DETECT_THREATS_OPTIONS,
  )
  return {
    contexts: resolveThreatContexts(merged.contexts),
    policy: requireOneOf('policy', merged.policy, POLICIES),
    rejectFrom: requireOneOf('rejectFrom', merged.rejectFrom, SEVERITIES),
    rules: merged.rules,
    maxCharacters: requireInteger('maxCharacters', merged.maxCharacters, { min: 1, max: 100_000_000 }),
    maxFindings: requireInteger('maxFindings', merged.maxFindings, { min: 1, max: 10_000 }),
    metrics: merged.metrics,
  }
}

/** Whether `severity` is at least `least`. */
export function isAtLeast(severity: ThreatSeverity, least: ThreatSeverity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least)
}
