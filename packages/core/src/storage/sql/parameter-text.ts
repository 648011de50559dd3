import { InvalidOptionError } from '../../errors/index.ts'
import { type ArrayElementText, writeArrayLiteral } from './array-literal.ts'

const RULE =
  'a string, number, bigint, boolean, Date, Uint8Array, null, undefined or an array of these (pass JSON as text)'
const FIRST_INSTANT_MS = Date.parse('0001-01-01T00:00:00.000Z')
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * A statement's parameters as PostgreSQL reads them, one form for every driver: null and undefined are NULL, a Date
 * is its ISO form in UTC, bytes are hexadecimal, an array is an array literal.
 * @throws InvalidOptionError `INVALID_OPTION` on an object of another kind, or a Date outside the years 1 to 9999.
 */
export function writeParameters(values: readonly unknown[]): (string | null)[] {
  return values.map((value, index) => {
    const text = writeElement(value, `values[${index}]`)
    return typeof text === 'string' || text === null ? text : writeArrayLiteral(text)
  })
}

function writeElement(value: unknown, option: string): ArrayElementText {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'undefined':
      return null
    case 'object':
      return writeObject(value, option)
    default:
      throw new InvalidOptionError(option, RULE, value)
  }
}

function writeObject(value: object | null, option: string): ArrayElementText {
  if (value === null) return null
  if (Array.isArray(value)) return value.map((element, index) => writeElement(element, `${option}[${index}]`))
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (value instanceof Date) return writeInstant(value, option)
  throw new InvalidOptionError(option, RULE, value)
}

function writeInstant(value: Date, option: string): string {
  const time = value.getTime()
  if (!(time >= FIRST_INSTANT_MS && time <= LAST_INSTANT_MS)) {
    throw new InvalidOptionError(option, 'a Date in the years 1 to 9999', String(value))
  }
  return value.toISOString()
}
