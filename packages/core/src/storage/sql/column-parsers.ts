import { StorageError } from '../storage-error.ts'
import { readArrayLiteral } from './array-literal.ts'

/** Turns a column's text, as PostgreSQL writes it, into a value. */
export type ColumnParser = (text: string) => unknown

const asText: ColumnParser = (text) => text

/** [type, array of it, parser], by the fixed identifiers of PostgreSQL's catalogue `pg_type`. */
const ELEMENT_TYPES: readonly (readonly [oid: number, arrayOid: number, parser: ColumnParser])[] = [
  [16, 1000, (text) => text === 't'],
  [17, 1001, readBytes],
  [20, 1016, BigInt],
  [21, 1005, Number],
  [23, 1007, Number],
  [26, 1028, Number],
  [114, 199, readJson],
  [700, 1021, Number],
  [701, 1022, Number],
  [1184, 1185, readInstant],
  [3802, 3807, readJson],
  // The rest stays text, but an array of it becomes an array of texts.
  [18, 1002, asText],
  [19, 1003, asText],
  [25, 1009, asText],
  [650, 651, asText],
  [829, 1040, asText],
  [869, 1041, asText],
  [1042, 1014, asText],
  [1043, 1015, asText],
  [1082, 1182, asText],
  [1083, 1183, asText],
  [1114, 1115, asText],
  [1186, 1187, asText],
  [1266, 1270, asText],
  [1700, 1231, asText],
  [2950, 2951, asText],
]

/** The parsers by type identifier; a type that is not among them stays text. */
export const COLUMN_PARSERS: ReadonlyMap<number, ColumnParser> = new Map<number, ColumnParser>(
  ELEMENT_TYPES.flatMap(([oid, arrayOid, parser]): [number, ColumnParser][] => [
    [oid, parser],
    [arrayOid, (text) => readArrayLiteral(text, parser)],
  ]),
)

/**
 * The parser of the type `oid`: int8 to bigint, int2, int4, oid and floats to number, boolean, bytea to Uint8Array,
 * timestamptz to Date, json and jsonb parsed, arrays of these to arrays, everything else to PostgreSQL's own text.
 */
export function columnParserOf(oid: number): ColumnParser {
  return COLUMN_PARSERS.get(oid) ?? asText
}

function readJson(text: string): unknown {
  return JSON.parse(text)
}

function readBytes(text: string): Uint8Array {
  // bytea_output = 'hex', PostgreSQL's default, is the one form that drivers get.
  if (!text.startsWith('\\x')) throw unreadable('bytea', text)
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

const INSTANT =
  /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/

function readInstant(text: string): Date {
  const match = INSTANT.exec(text)
  if (match === null) throw unreadable('timestamptz', text)
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...offset] = match
  const [hours = '0', minutes = '0', seconds = '0'] = offset
  const wall = new Date(0)
  wall.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  wall.setUTCHours(Number(hour), Number(minute), Number(second), milliseconds)
  const offsetMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  const instant = new Date(wall.getTime() - (sign === '-' ? -offsetMs : offsetMs))
  if (Number.isNaN(instant.getTime())) throw unreadable('timestamptz', text)
  return instant
}

function unreadable(type: string, text: string): StorageError {
  const excerpt = text.slice(0, 40)
  return StorageError.of('QUERY_FAILED', `a ${type} column cannot be read: ${excerpt}`, { details: { type } })
}
