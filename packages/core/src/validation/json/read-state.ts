import type { Fix, PolicyFixName, RepairFixName } from '../fix.ts'
import type { ResolvedLlmParsePolicies } from '../parse-policies.ts'
import type { JsonFault, JsonFaultCode, JsonStopCode } from './json-fault.ts'

/** What a reading may do and how deep it goes. */
export interface ReadRules extends ResolvedLlmParsePolicies {
  readonly maxDepth: number
  /** Whether an answer that ends too early is read up to there. */
  readonly isPartial: boolean
}

/** The one state of a reading, passed from function to function: each character is looked at once. */
export interface ReadState {
  readonly text: string
  /** Reading goes no further than this. */
  readonly limit: number
  readonly rules: ReadRules
  readonly canRepair: boolean
  /** Whether what is whole is kept when the text ends within the value. */
  readonly isPartial: boolean
  /** The next character to read. */
  at: number
  depth: number
  /** Keys and indexes to the value that is being read. Only the first `depth` places count. */
  readonly path: Array<string | number>
  readonly fixes: Fix[]
  /** The first fault of well-formed JSON. */
  fault: JsonFault<JsonFaultCode> | undefined
  /** The first place that is no strict JSON, where that is asked for. */
  repaired: JsonFault<'MALFORMED'> | undefined
  /** Why reading stopped. */
  stop: JsonFault<JsonStopCode> | undefined
  /** Whether the end of the text was reached within the value, and what is whole was kept. */
  isCut: boolean
  /** Whether a key and its colon were read, so that JSON was meant. */
  hasKey: boolean
  /** Told of each element and member that was read. */
  readonly visit: VisitMember | undefined
}

/** Hears of an element or member, and where its value stands in the text. */
export type VisitMember = (path: ReadonlyArray<string | number>, start: number, end: number) => void

const MAX_PATH_LENGTH = 32
const MAX_FIXES = 1000

/** Ends the reading. @returns undefined, which no value is. */
export function stopReading(state: ReadState, code: JsonStopCode, start: number, end: number): undefined {
  state.stop ??= { code, start, end, path: placeOf(state) }
}

/** Records a fault of well-formed JSON, if it is the first. Reading goes on: the text may yet prove to be no JSON. */
export function reportFault(state: ReadState, code: JsonFaultCode, start: number, end: number): void {
  state.fault ??= { code, start, end, path: placeOf(state) }
}

/** Records a repair. @returns false, with reading stopped, where repairs are not allowed. */
export function repair(state: ReadState, name: RepairFixName, start: number, end: number): boolean {
  if (!state.canRepair) {
    stopReading(state, 'MALFORMED', start, end)
    return false
  }
  if (state.rules.mode === 'extract') {
    state.repaired ??= { code: 'MALFORMED', start, end, path: placeOf(state) }
  }
  if (state.fixes.length < MAX_FIXES) state.fixes.push({ name, start, end })
  return true
}

/** Records a choice that a policy made about the value that is being read. */
export function applyPolicy(state: ReadState, name: PolicyFixName, start: number, end: number): void {
  if (state.fixes.length < MAX_FIXES) state.fixes.push({ name, start, end, path: placeOf(state) })
}

/** In place of a key while the key itself is being read. */
export const NO_PLACE: number = -1

// A hostile text could be nested a thousand deep: the path names only the outermost places.
function placeOf(state: ReadState): ReadonlyArray<string | number> {
  const isKey = state.path[state.depth - 1] === NO_PLACE
  return state.path.slice(0, Math.min(isKey ? state.depth - 1 : state.depth, MAX_PATH_LENGTH))
}
