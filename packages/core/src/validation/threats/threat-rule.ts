import type { ThreatSink } from './threat-context.ts'
import type { ThreatText } from './threat-text.ts'

/** How sure and how bad. Ascending: `low`, `medium`, `high`. */
export type ThreatSeverity = 'low' | 'medium' | 'high'

/** What kind of attack a rule knows. */
export type ThreatFamily =
  | 'active-html'
  | 'sql-injection'
  | 'shell-injection'
  | 'path-traversal'
  | 'unsafe-url'
  | 'line-injection'
  | 'formula-injection'
  | 'exfiltration'
  | 'template-injection'
  | 'prompt-injection'
  | 'limit'

/** A place that a rule found, in UTF-16 units of the text that it looked at. */
export interface ThreatMatch {
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** Where it differs from the rule's own. */
  readonly severity?: ThreatSeverity
}

/**
 * How a rule finds its places.
 * `pattern`: a global expression whose every repetition is bounded, so that its time grows with the text and no faster.
 * `scan`: a function that reads the text once.
 */
export type ThreatMatcher =
  | { readonly kind: 'pattern'; readonly pattern: RegExp }
  | { readonly kind: 'scan'; readonly scan: (text: ThreatText) => Iterable<ThreatMatch> }

/** What is looked for, where, and how bad it is. */
export interface ThreatRule {
  /** Unique, in kebab-case; the label of the metric. */
  readonly id: string
  readonly family: ThreatFamily
  readonly severity: ThreatSeverity
  /** The sinks in which it is a threat. */
  readonly contexts: readonly ThreatSink[]
  /** What it means, in a sentence. */
  readonly summary: string
  /** `text`: as written. `shadow` (default): as it would read after normalisation. */
  readonly reads?: 'text' | 'shadow'
  readonly matcher: ThreatMatcher
}
