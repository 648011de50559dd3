import type { ThreatSink } from './threat-context.ts'
import type { ThreatFamily, ThreatSeverity } from './threat-rule.ts'

/** One thing that a rule found. */
export interface ThreatFinding {
  readonly ruleId: string
  readonly family: ThreatFamily
  /** The sink in which it is a threat. */
  readonly context: ThreatSink
  readonly severity: ThreatSeverity
  /** First UTF-16 code unit of the original text, and one past the last. */
  readonly span: readonly [start: number, end: number]
  /** That place as it was written, 120 code units at most. It may hold an attack: encode it before it is shown. */
  readonly evidence: string
  /** The same place after normalisation, where that reads otherwise. */
  readonly normalised?: string
}

/** What was found in a text. */
export interface ThreatReport {
  /** `allow`: nothing found. `flag`: something found. `reject`: enough found for policy `reject`; no other gives it. */
  readonly verdict: 'allow' | 'flag' | 'reject'
  /** In the order of their places. */
  readonly findings: readonly ThreatFinding[]
  /** Whether there were more findings than the limit. */
  readonly isCut: boolean
  /** The text that was given, the same to the byte; under policy `redact` with markers in the places found. */
  readonly text: string
  /** SHA-256 of the text that was given, in hexadecimal; only where `text` differs from it. */
  readonly originalHash?: string
}
