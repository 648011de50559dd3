import type { ReservationRow } from '../ledger/reservation-row.ts'

type Field = keyof ReservationRow

const BIGINTS = [
  'asked_tokens',
  'asked_micros',
  'tokens',
  'micros',
  'ttl_ms',
  'used_tokens',
  'used_micros',
  'reported_tokens',
  'reported_micros',
] as const satisfies readonly Field[]
const INSTANTS = ['held_at', 'expires_at', 'expired_at', 'settled_at'] as const satisfies readonly Field[]

/** A row as JSON text: integers as decimal text, instants in ISO form. */
export function writeReservationText(row: ReservationRow): string {
  return JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

/**
 * The row of a text that {@link writeReservationText} wrote.
 * @throws SyntaxError on another text.
 */
export function readReservationText(text: string): ReservationRow {
  const fields: Record<string, unknown> = Object(JSON.parse(text))
  for (const name of BIGINTS) if (fields[name] !== null) fields[name] = BigInt(String(fields[name]))
  for (const name of INSTANTS) if (fields[name] !== null) fields[name] = new Date(String(fields[name]))
  // Safe: what was written is a row, and each field that JSON does not know has been turned back.
  return fields as unknown as ReservationRow
}
