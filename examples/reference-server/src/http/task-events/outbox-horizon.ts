/** What can be seen of the outbox, and of the transactions that run, in one snapshot of the database. */
export interface OutboxLook {
  /** The highest position that is visible; 0 where there is none. */
  readonly latest: bigint
  /** The oldest transaction that has not ended. */
  readonly oldestRunning: bigint
  /** The transaction that will begin next. */
  readonly next: bigint
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
export function settle(before: OutboxHorizon, look: OutboxLook): OutboxHorizon {
  // A look that was overtaken by another knows nothing of what lies behind it.
  const isOvertaken = look.latest < before.latest
  const latest = isOvertaken ? before.latest : look.latest
  const others = before.marks.filter(({ position }) => isOvertaken || position < latest)
  // Where there is no room, the newest mark stands for those before it.
  const marks = isOvertaken
    ? others
    : [...others.slice(0, MAX_MARKS - 1), { position: latest, next: look.next }]
  const isPast = (one: { readonly next: bigint }): boolean => one.next <= look.oldestRunning
  const settled = marks.findLast(isPast)?.position ?? 0n
  return {
    settled: settled > before.settled ? settled : before.settled,
    latest,
    marks: marks.filter((one) => !isPast(one)),
  }
}
