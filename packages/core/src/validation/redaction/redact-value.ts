import { serializeError } from '../../errors/index.ts'
import { isCardNumber } from './find-cards.ts'

/** How the parts of a value are redacted. */
export interface ValueRedaction {
  readonly text: (text: string) => string
  readonly hidesNumbers: boolean
  readonly isSecretField: (name: string) => boolean
  /** How many more values are looked at, so that shared parts and cycles end. */
  readonly budget: { left: number }
}

const MAX_DEPTH = 10
const MAX_ENTRIES = 1000
const LEFT_OUT = '[redacted:left-out]'

/** `value` with its texts redacted; the very value where nothing changes. */
export function redactValue(value: unknown, redaction: ValueRedaction, depth = 0): unknown {
  if (typeof value === 'string') return redaction.text(value)
  if (typeof value === 'number' || typeof value === 'bigint') {
    return redaction.hidesNumbers && isCardNumber(String(value)) ? '[redacted:card-number]' : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  if (depth >= MAX_DEPTH || redaction.budget.left-- <= 0) return LEFT_OUT
  if (Array.isArray(value)) return redactArray(value, redaction, depth)
  try {
    if (value instanceof Error) return redactError(value, redaction, depth)
    if (hasToJson(value)) return redactValue(value.toJSON(), redaction, depth + 1)
    return redactObject(value, redaction, depth)
  } catch {
    // A getter or toJSON of the caller threw: what it would have shown cannot be judged.
    return LEFT_OUT
  }
}

function redactArray(items: readonly unknown[], redaction: ValueRedaction, depth: number): unknown {
  const redacted = items.slice(0, MAX_ENTRIES).map((item) => redactValue(item, redaction, depth + 1))
  if (items.length > MAX_ENTRIES) return [...redacted, LEFT_OUT]
  return redacted.every((item, index) => Object.is(item, items[index])) ? items : redacted
}

function redactObject(value: object, redaction: ValueRedaction, depth: number): unknown {
  const entries = Object.entries(value)
  let isSame = entries.length <= MAX_ENTRIES
  const redacted = entries.slice(0, MAX_ENTRIES).map(([key, item]): [string, unknown] => {
    const name = redaction.text(key)
    const result = redaction.isSecretField(key) ? hideField(item) : redactValue(item, redaction, depth + 1)
    isSame &&= name === key && Object.is(result, item)
    return [name, result]
  })
  if (isSame) return value
  return Object.fromEntries(entries.length > MAX_ENTRIES ? [...redacted, ['…', LEFT_OUT]] : redacted)
}

/** What tells nothing stays, so that a log still says whether there was a value. */
function hideField(item: unknown): unknown {
  const tellsNothing = item === null || item === undefined || item === '' || typeof item === 'boolean'
  return tellsNothing ? item : '[redacted:field]'
}

/** An error without secrets stays the error that it is, with its class. */
function redactError(error: Error, redaction: ValueRedaction, depth: number): unknown {
  const plain = { type: error.constructor.name, ...serializeError(error), stack: error.stack }
  const redacted = redactObject(plain, redaction, depth)
  return redacted === plain ? error : redacted
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
