import { type Complete, requireInteger, withDefaults } from '../errors/index.ts'

/** How much of an answer is read. */
export interface LlmParseLimits {
  /** Longest answer, in UTF-16 code units, 1 to 100000000. Default 1000000. */
  readonly maxCharacters?: number | undefined
  /** Deepest nesting of arrays and objects, 1 to 1000. Default 64. */
  readonly maxDepth?: number | undefined
  /** Most JSON texts looked at in one answer, 1 to 10000. Default 64. */
  readonly maxCandidates?: number | undefined
}

/** Limits as the code may rely on them. */
export type ResolvedLlmParseLimits = Complete<LlmParseLimits>

/** The limits where none are given. */
const DEFAULT_LLM_PARSE_LIMITS: ResolvedLlmParseLimits = Object.freeze({
  maxCharacters: 1_000_000,
  maxDepth: 64,
  maxCandidates: 64,
})

/** The limits with defaults filled in. @throws InvalidOptionError `INVALID_OPTION` on a limit out of range. */
export function resolveLlmParseLimits(limits: LlmParseLimits = {}): ResolvedLlmParseLimits {
  const merged = withDefaults<LlmParseLimits, ResolvedLlmParseLimits>(
    limits,
    DEFAULT_LLM_PARSE_LIMITS,
    'limits.',
  )
  return {
    maxCharacters: requireInteger('limits.maxCharacters', merged.maxCharacters, { min: 1, max: 100_000_000 }),
    maxDepth: requireInteger('limits.maxDepth', merged.maxDepth, { min: 1, max: 1000 }),
    maxCandidates: requireInteger('limits.maxCandidates', merged.maxCandidates, { min: 1, max: 10_000 }),
  }
}
