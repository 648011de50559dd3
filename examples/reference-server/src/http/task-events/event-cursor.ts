/** How far somebody has read: everything up to `settled`, and of what lies behind it the positions `delivered`, rising. */
export interface EventCursor {
  readonly settled: bigint
  readonly delivered: readonly bigint[]
}

/** Nothing read yet. */
export const START: EventCursor = { settled: 0n, delivered: [] }

/** Positions that a text names at most. */
const MAX_NAMED = 64
/** How a cursor is written: the settled position, and the delivered ones behind it after a full stop each. */
export const CURSOR_PATTERN: RegExp = /^\d{1,18}(?:\.\d{1,18}){0,64}$/

/** The cursor as text. With more than 64 delivered positions the later ones are left out, and would come again. */
export function formatCursor({ settled, delivered }: EventCursor): string {
  return [settled, ...delivered.slice(0, MAX_NAMED)].join('.')
}

/** Reads what {@link formatCursor} wrote; undefined where the text is nothing of the kind. */
export function parseCursor(text: string): EventCursor | undefined {
  if (!CURSOR_PATTERN.test(text)) return undefined
  const [settled = 0n, ...named] = text.split('.').map(BigInt)
  const delivered = [...new Set(named)].filter((position) => position > settled)
  return { settled, delivered: delivered.toSorted((a, b) => (a < b ? -1 : 1)) }
}

/** The cursor once the event at `position` is delivered too. */
export function withDelivered({ settled, delivered }: EventCursor, position: bigint): EventCursor {
  const after = delivered.findLastIndex((one) => one < position) + 1
  return { settled, delivered: delivered.toSpliced(after, 0, position) }
}

/** The cursor once everything up to `settled` is known to be delivered, as far as `readTo`. */
export function withSettled(cursor: EventCursor, settled: bigint, readTo: bigint = settled): EventCursor {
  const upTo = [settled, readTo].reduce((least, one) => (one < least ? one : least))
  if (upTo <= cursor.settled) return cursor
  return { settled: upTo, delivered: cursor.delivered.filter((position) => position > upTo) }
}
