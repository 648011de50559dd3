import { type Complete, requireOneOf, withDefaults } from '../errors/index.ts'

/** What to do where the text leaves a choice. By default nothing is chosen: the answer is refused. */
export interface LlmParsePolicies {
  /**
   * How much of an answer's form is forgiven. `strict`: the whole answer is JSON (RFC 8259). `extract`: strict JSON
   * somewhere in the answer, not within JSON that only repairs make whole. `repair`: JSON with repairs that cannot change a
   * value. Default `repair`.
   */
  readonly mode?: 'strict' | 'extract' | 'repair' | undefined
  /** A key given again with another value in one object. Default `refuse`; `first` and `last` keep one. */
  readonly duplicateKeys?: 'refuse' | 'first' | 'last' | undefined
  /**
   * A number that a double does not keep: an integer beyond 2^53 - 1, an overflow, an underflow to zero. Default
   * `refuse`. `string` gives its digits as written. `bigint` and `round` refuse what has no such form.
   */
  readonly bigNumbers?: 'refuse' | 'string' | 'bigint' | 'round' | undefined
  /** Half a surrogate pair in a string. Default `refuse`; `replace` puts U+FFFD in its place. */
  readonly loneSurrogates?: 'refuse' | 'replace' | 'keep' | undefined
  /** The keys `__proto__` and `constructor`. Default `refuse`; `keep` makes them own properties, as JSON.parse does. */
  readonly forbiddenKeys?: 'refuse' | 'drop' | 'keep' | undefined
  /** Different values of the schema in one answer. Default `only`, which refuses them; `largest` is the longest text. */
  readonly choose?: 'only' | 'first' | 'last' | 'largest' | undefined
  /** Brackets never closed. Default `refuse`; `close` closes them after a whole value, never within a string or number. */
  readonly missingBrackets?: 'refuse' | 'close' | undefined
  /** JSON values one below the other (NDJSON). Default `refuse`; `array` reads them as one array. */
  readonly lines?: 'refuse' | 'array' | undefined
}

/** Policies as the code may rely on them. */
export type ResolvedLlmParsePolicies = Complete<LlmParsePolicies>

/** The policies where none are given. */
export const DEFAULT_LLM_PARSE_POLICIES: ResolvedLlmParsePolicies = Object.freeze({
  mode: 'repair',
  duplicateKeys: 'refuse',
  bigNumbers: 'refuse',
  loneSurrogates: 'refuse',
  forbiddenKeys: 'refuse',
  choose: 'only',
  missingBrackets: 'refuse',
  lines: 'refuse',
})

/** The policies with defaults filled in. @throws InvalidOptionError `INVALID_OPTION` on a value that a policy does not know. */
export function resolveLlmParsePolicies(policies: LlmParsePolicies = {}): ResolvedLlmParsePolicies {
  const given = withDefaults<LlmParsePolicies, ResolvedLlmParsePolicies>(policies, DEFAULT_LLM_PARSE_POLICIES)
  return {
    mode: requireOneOf('mode', given.mode, ['strict', 'extract', 'repair']),
    duplicateKeys: requireOneOf('duplicateKeys', given.duplicateKeys, ['refuse', 'first', 'last']),
    bigNumbers: requireOneOf('bigNumbers', given.bigNumbers, ['refuse', 'string', 'bigint', 'round']),
    loneSurrogates: requireOneOf('loneSurrogates', given.loneSurrogates, ['refuse', 'replace', 'keep']),
    forbiddenKeys: requireOneOf('forbiddenKeys', given.forbiddenKeys, ['refuse', 'drop', 'keep']),
    choose: requireOneOf('choose', given.choose, ['only', 'first', 'last', 'largest']),
    missingBrackets: requireOneOf('missingBrackets', given.missingBrackets, ['refuse', 'close']),
    lines: requireOneOf('lines', given.lines, ['refuse', 'array']),
  }
}
