/** What can be seen of the outbox, and of the transactions that run, in one snapshot of the database. */
export interface OutboxLook {
  /** The highest position that is visible; 0 where there is none. */
  readonly latest: bigint
  /** The oldest transaction that has not ended. */
  readonly oldestRunning: bigint
  /** A transaction that began after every position up to `latest` was taken; null where `latest` was known already. */
  readonly next: bigint | null
}

/** Up to where the outbox is settled: nothing will appear at a position up to `settled` any more. */
export interface OutboxHorizon {
  readonly settled: bigint
  readonly latest: bigint
  /** Positions that are settled once every transaction before `next` has ended, in rising order of both. */
  readonly marks: readonly { readonly position: bigint; readonly next: bigint }[]
}

/** Before the first look. */
export const UNSEEN: OutboxHorizon = { settled: 0n, latest: 0n, marks: [] }

const MAX_MARKS = 100

/**
 * The horizon after another look. A position is given out before its transaction commits, so a lower one may appear after
 * a higher one; but whoever holds a position up to `latest` runs at that moment, and is gone when the oldest running
 * transaction is a later one.
 */
export function settle(before: OutboxHorizon, { latest, oldestRunning, next }: OutboxLook): OutboxHorizon {
  // A look that was overtaken by another knows nothing of what lies behind it.
  const isNew = next !== null && latest > before.latest
  // Where there is no room, the newest mark stands for those before it.
  const marks = isNew ? [...before.marks.slice(0, MAX_MARKS - 1), { position: latest, next }] : before.marks
  const isPast = (one: { readonly next: bigint }): boolean => one.next <= oldestRunning
  const settled = marks.findLast(isPast)?.position ?? 0n
  return {
    settled: settled > before.settled ? settled : before.settled,
    latest: isNew ? latest : before.latest,
    marks: marks.filter((one) => !isPast(one)),
  }
}
