import { InvalidOptionError, isDecimalId, requireInteger, requireOneOf } from '../errors/index.ts'

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where the next page begins; null on the last one. */
  readonly nextCursor: string | null
}

/** Which page of a list. */
export interface PageOptions {
  /** Items at most, 1 to 500. Default 50. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. Default: the first page. */
  readonly cursor?: string | undefined
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

/** Which page of a list that can be read from both ends. */
export interface OrderedPageOptions extends PageOptions {
  /** Which items come first. A cursor goes on in the order of its own page: ask on in the same. Default `oldest`. */
  readonly order?: 'oldest' | 'newest' | undefined
}

/** The bounds of such a page, and the words of SQL that make it. */
export interface OrderedPageBounds {
  readonly limit: number
  /** The page's items are beyond this position. */
  readonly position: bigint
  /** Between the column of positions and {@link position}. */
  readonly beyond: '>' | '<'
  readonly direction: 'ASC' | 'DESC'
}

/** Before the first position, and after the last that a bigint can be. */
const ENDS = { oldest: 0n, newest: 2n ** 63n - 1n }

/**
 * As {@link pageBounds}, for a list that can be read from both ends.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor or order.
 */
export function orderedPageBounds({ order = 'oldest', ...options }: OrderedPageOptions): OrderedPageBounds {
  const { limit, position } = pageBounds(options)
  requireOneOf('order', order, ['oldest', 'newest'])
  return {
    limit,
    position: position ?? ENDS[order],
    ...(order === 'oldest' ? { beyond: '>', direction: 'ASC' } : { beyond: '<', direction: 'DESC' }),
  }
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
