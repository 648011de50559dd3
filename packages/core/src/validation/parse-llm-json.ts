import { isDeepStrictEqual } from 'node:util'
import { InvalidOptionError } from '../errors/index.ts'
import {
  type Candidate,
  type Findings,
  noFindings,
  searchFence,
  searchProse,
} from './candidates/find-candidates.ts'
import { removeReasoning } from './candidates/reasoning-blocks.ts'
import { splitFences } from './candidates/split-fences.ts'
import { refuse } from './failure-message.ts'
import type { JsonFault, JsonFaultCode } from './json/json-fault.ts'
import { scanJson } from './json/strict-scan.ts'
import type { LlmFailure, LlmJsonSource, LlmOutcome } from './outcome.ts'
import { type LlmParseLimits, type ResolvedLlmParseLimits, resolveLlmParseLimits } from './parse-limits.ts'
import { toIssues } from './schema-issues.ts'
import type { StandardSchema } from './standard-schema.ts'

/** How an answer is read. */
export interface ParseLlmJsonOptions<Value> {
  /** What the value must be: any Standard Schema v1 that answers at once. */
  readonly schema: StandardSchema<Value>
  /** Default {@link DEFAULT_LLM_PARSE_LIMITS}. */
  readonly limits?: LlmParseLimits
  /** Why the model stopped, in the provider's own word: `length`, `max_tokens`, `content_filter` and their like refuse. */
  readonly finishReason?: string
  /** The model's refusal where the provider gives it apart from the answer. Not empty: refused. */
  readonly refusal?: string
}

const CUT_SHORT: ReadonlySet<string> = new Set(['length', 'max_tokens', 'max_output_tokens'])
const DECLINED: ReadonlySet<string> = new Set([
  'content_filter',
  'refusal',
  'safety',
  'recitation',
  'blocklist',
  'prohibited_content',
])
const EXPECTED: Readonly<Record<JsonFaultCode, string>> = Object.freeze({
  TOO_DEEP: 'less nesting',
  DUPLICATE_KEY: 'each key once',
  FORBIDDEN_KEY: 'no such key',
  UNSAFE_NUMBER: 'a number that a double keeps exactly, or a string',
  LONE_SURROGATE: 'well-formed Unicode',
})

interface Found {
  readonly start: number
  readonly end: number
  readonly source: LlmJsonSource
  readonly fault?: JsonFault
}

/**
 * Reads the one JSON value that a model's answer holds: the whole answer, what is left of it without reasoning blocks,
 * a code fence, or an object or array in prose. Strict JSON only: nothing is repaired and nothing invented. Takes time
 * linear in the answer's length, besides the schema's own.
 * @returns the value as the schema gives it, or why the answer was refused; an answer never makes it throw.
 * @throws InvalidOptionError `INVALID_OPTION` on a limit out of range or a schema that answers later (a promise);
 * whatever the schema itself throws.
 */
export function parseLlmJson<Value>(answer: string, options: ParseLlmJsonOptions<Value>): LlmOutcome<Value> {
  const limits = resolveLlmParseLimits(options.limits)
  const finishReason = options.finishReason?.toLowerCase().replaceAll('-', '_') ?? ''
  if (DECLINED.has(finishReason) || (options.refusal ?? '') !== '') return refuse('REFUSED')
  if (CUT_SHORT.has(finishReason)) return refuse('TRUNCATED')
  if (answer.length > limits.maxCharacters) return refuse('TOO_LARGE')
  const shown = removeReasoning(answer.startsWith('\uFEFF') ? answer.slice(1) : answer)
  if (shown.kind === 'unclosed') return refuse('TRUNCATED')
  const { text } = shown
  if (text.trim() === '') return refuse('EMPTY')

  const scan = scanJson(text, 0, text.length, limits.maxDepth)
  if (scan.kind === 'complete' && text.slice(scan.end).trim() === '') {
    const source = 'whole'
    const whole: Found = {
      start: 0,
      end: scan.end,
      source,
      ...(scan.fault === undefined ? {} : { fault: scan.fault }),
    }
    return choose(text, [whole], 1, options.schema, limits)
  }
  return search(text, options.schema, limits)
}

/** Fences are asked first; prose only where no fence holds a value of the schema. */
function search<Value>(
  text: string,
  schema: StandardSchema<Value>,
  limits: ResolvedLlmParseLimits,
): LlmOutcome<Value> {
  const regions = splitFences(text)
  let seen = 0
  let mismatch: LlmFailure | undefined
  for (const kind of ['fence', 'prose'] as const) {
    const found = noFindings()
    const look = kind === 'fence' ? searchFence : searchProse
    for (const region of regions) if (region.kind === kind) look(text, region, limits.maxDepth, found)
    seen += found.candidates.length
    const result = judge(text, found, seen, schema, limits)
    if (result === undefined) continue
    if (result.ok || result.code !== 'SCHEMA_MISMATCH') return result
    mismatch ??= result
  }
  return mismatch ?? refuse(/^\s*[{[]/.test(text) ? 'MALFORMED' : 'NO_JSON')
}

function judge<Value>(
  text: string,
  found: Findings,
  seen: number,
  schema: StandardSchema<Value>,
  limits: ResolvedLlmParseLimits,
): LlmOutcome<Value> | undefined {
  if (found.isTruncated) return refuse('TRUNCATED')
  if (found.hasMalformed) return refuse('MALFORMED')
  const candidates: readonly Candidate[] = found.candidates
  return candidates.length === 0 ? undefined : choose(text, candidates, seen, schema, limits)
}

/** The one value of the schema among the candidates. One with a fault refuses all: it may be the one that was meant. */
function choose<Value>(
  text: string,
  found: readonly Found[],
  seen: number,
  schema: StandardSchema<Value>,
  limits: ResolvedLlmParseLimits,
): LlmOutcome<Value> {
  if (seen > limits.maxCandidates) return refuse('TOO_MANY_CANDIDATES')
  for (const { fault } of found) {
    if (fault !== undefined) {
      return refuse(fault.code, [
        { path: fault.path, expected: EXPECTED[fault.code], kind: fault.code.toLowerCase() },
      ])
    }
  }
  let first: { readonly json: unknown; readonly value: Value; readonly source: LlmJsonSource } | undefined
  let mismatch: { readonly failure: LlmFailure; readonly length: number } | undefined
  for (const { start, end, source } of found) {
    const json: unknown = JSON.parse(text.slice(start, end))
    const result = check(schema, json)
    if (result.issues !== undefined) {
      // Of several candidates that do not fit, the longest is most likely the answer.
      if (mismatch === undefined || end - start > mismatch.length) {
        const failure = refuse('SCHEMA_MISMATCH', toIssues(result.issues))
        mismatch = { failure, length: end - start }
      }
    } else if (first === undefined) first = { json, value: result.value, source }
    else if (!isDeepStrictEqual(first.json, json)) return refuse('AMBIGUOUS')
  }
  if (first !== undefined)
    return { ok: true, value: first.value, fixes: [], confidence: 1, source: first.source, candidates: seen }
  return mismatch?.failure ?? refuse('NO_JSON')
}

function check<Value>(
  schema: StandardSchema<Value>,
  json: unknown,
): Exclude<ReturnType<StandardSchema<Value>['~standard']['validate']>, Promise<unknown>> {
  const result = schema['~standard'].validate(json)
  if (result instanceof Promise) {
    // The refused promise must not become an unhandled rejection.
    result.catch(() => {})
    throw new InvalidOptionError('schema', 'a schema that answers at once', result)
  }
  return result
}
