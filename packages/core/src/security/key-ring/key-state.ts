/** The instants of a key that decide what it may do. */
export interface KeyInstants {
  readonly keyId: string
  /** From when on it signs; until then it is published alone. */
  readonly activateAt: Date
  /** When it was revoked; undefined while it was not. */
  readonly revokedAt?: Date
}

/** What a key may do: `next` and `previous` verify, `active` signs and verifies, `retired` does nothing. */
export type KeyState =
  | { readonly status: 'next'; readonly activatesAt: Date }
  | { readonly status: 'active'; readonly since: Date }
  | { readonly status: 'previous'; readonly since: Date; readonly retiresAt: Date }
  | { readonly status: 'retired'; readonly since: Date; readonly isRevoked: boolean }

/**
 * The state of each key at `now`, in the order in which they sign. At most one is active: the last one whose time has
 * come. It stays superseded by a successor that was revoked later: no key signs twice.
 */
export function keyStates(
  keys: readonly KeyInstants[],
  now: Date,
  keepPreviousMs: number,
): ReadonlyMap<string, KeyState> {
  const states = new Map<string, KeyState>()
  for (const key of [...keys].sort(inOrder)) {
    states.set(key.keyId, stateOf(key, keys, now, keepPreviousMs))
  }
  return states
}

function stateOf(
  key: KeyInstants,
  keys: readonly KeyInstants[],
  now: Date,
  keepPreviousMs: number,
): KeyState {
  const { activateAt, revokedAt } = key
  if (revokedAt !== undefined) return { status: 'retired', since: revokedAt, isRevoked: true }
  if (activateAt > now) return { status: 'next', activatesAt: activateAt }
  const since = supersededAt(key, keys, now)
  if (since === undefined) return { status: 'active', since: activateAt }
  const retiresAt = new Date(since.getTime() + keepPreviousMs)
  return retiresAt > now
    ? { status: 'previous', since, retiresAt }
    : { status: 'retired', since: retiresAt, isRevoked: false }
}

/** When the first key that comes after `key` began to sign, if one has by `now`. */
function supersededAt(key: KeyInstants, keys: readonly KeyInstants[], now: Date): Date | undefined {
  let first: Date | undefined
  for (const other of keys) {
    const hasSigned =
      other.activateAt <= now && (other.revokedAt === undefined || other.revokedAt > other.activateAt)
    if (!hasSigned || inOrder(key, other) >= 0) continue
    if (first === undefined || other.activateAt < first) first = other.activateAt
  }
  return first
}

function inOrder(a: KeyInstants, b: KeyInstants): number {
  const difference = a.activateAt.getTime() - b.activateAt.getTime()
  return difference !== 0 ? difference : a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0
}
