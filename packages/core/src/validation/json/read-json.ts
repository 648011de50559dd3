import type { Fix } from '../fix.ts'
import { inOrder } from './in-order.ts'
import type { JsonFault, JsonFaultCode, JsonStopCode } from './json-fault.ts'
import type { ReadRules, ReadState, VisitMember } from './read-state.ts'
import { readValue } from './read-value.ts'
import { skipBlanks } from './skip-blanks.ts'

/** A JSON text that was read to its end. */
export interface WholeJson {
  readonly kind: 'whole'
  readonly value: unknown
  /** Where it begins and ends in the text, as UTF-16 code units, the end exclusive. */
  readonly start: number
  readonly end: number
  readonly fixes: readonly Fix[]
  /** What makes its meaning doubtful: the first such place. */
  readonly fault?: JsonFault<JsonFaultCode>
  /** In the mode `extract`: the first place that is no strict JSON, for which it is refused if it is the one that fits. */
  readonly repaired?: JsonFault<'MALFORMED'>
}

/** Why no JSON text could be read, and where. */
export interface StoppedJson {
  readonly kind: 'stopped'
  readonly fault: JsonFault<JsonStopCode>
  /** Whether a key and its colon were read, so that JSON was meant. */
  readonly hasKey: boolean
}

/** What reading JSON gives. */
export type JsonReading = WholeJson | StoppedJson

/**
 * Reads the JSON text that begins at `start` of `text`, and looks no further than `limit`. Blanks before it are skipped;
 * what follows it is not looked at. Each character is looked at once; the call stack is as deep as the nesting, which
 * `maxDepth` bounds.
 */
export function readJson(text: string, start: number, limit: number, rules: ReadRules): JsonReading {
  const state = beginReading(text, start, limit, rules)
  const begin = skipBlanks(state) ? state.at : start
  // A remark before the JSON is no part of it.
  state.repaired = undefined
  const value = state.stop === undefined ? readValue(state) : undefined
  if (state.stop !== undefined) return { kind: 'stopped', fault: state.stop, hasKey: state.hasKey }
  return {
    kind: 'whole',
    value,
    start: begin,
    end: state.at,
    fixes: inOrder(state.fixes),
    ...(state.fault === undefined ? {} : { fault: state.fault }),
    ...(state.repaired === undefined ? {} : { repaired: state.repaired }),
  }
}

/**
 * Reads what stands from `start` to `limit`, if it is blanks only, and comments where repairs are allowed.
 * @returns the fixes, the fault of a comment, or undefined where something else stands there.
 */
export function readBlanks(
  text: string,
  start: number,
  limit: number,
  rules: ReadRules,
): readonly Fix[] | JsonFault<JsonStopCode> | undefined {
  const state = beginReading(text, start, limit, rules)
  if (!skipBlanks(state)) return state.stop
  return state.at >= limit ? state.fixes : undefined
}

/** The state of a reading that begins at `start`. */
export function beginReading(
  text: string,
  start: number,
  limit: number,
  rules: ReadRules,
  visit?: VisitMember,
): ReadState {
  return {
    text,
    limit,
    rules,
    // The mode `extract` must see the whole of what it refuses, or a part of it would pass for an answer.
    canRepair: rules.mode !== 'strict',
    // What ends before the answer does, such as a closed fence, was not cut short by the answer's end.
    isPartial: rules.isPartial && limit === text.length,
    at: start,
    depth: 0,
    path: [],
    fixes: [],
    fault: undefined,
    repaired: undefined,
    stop: undefined,
    isCut: false,
    hasKey: false,
    visit,
  }
}
