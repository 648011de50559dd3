import { InvalidOptionError, isDecimalId, requireInteger } from '../errors/index.ts'

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next page begins; null on the last one. */
  readonly nextCursor: string | null
}

/** Which page of a list. */
export interface PageOptions {
  /** Items at most, 1 to 500. Default 50. */
  readonly limit?: number
  /** The `nextCursor` of the page before. Default: the first page. */
  readonly cursor?: string
}

/** A page's bounds, checked. */
export interface PageBounds {
  readonly limit: number
  /** The position of the last item of the page before; undefined on the first page. */
  readonly position: bigint | undefined
}

/**
 * Checks which page is wanted and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad limit, or a cursor that no page gave.
 */
export function pageBounds({ limit = 50, cursor }: PageOptions): PageBounds {
  requireInteger('limit', limit, { min: 1, max: 500 })
  if (cursor === undefined) return { limit, position: undefined }
  if (!isDecimalId(cursor)) throw new InvalidOptionError('cursor', 'the nextCursor of a page', cursor)
  return { limit, position: BigInt(cursor) }
}

/** The page that `rows` make, which were asked for with one more than `limit` to see whether another page follows. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  positionOf: (row: Row) => bigint,
): Page<Item> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { items: kept.map(itemOf), nextCursor: hasMore ? String(positionOf(last)) : null }
}
