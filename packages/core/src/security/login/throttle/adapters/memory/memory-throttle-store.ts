import { randomUUID } from 'node:crypto'
import { requireInteger, withDefaults } from '../../../../../errors/index.ts'
import { type Clock, systemClock } from '../../../../../time/index.ts'
import { decideTry, type KnownBy } from '../../decide-try.ts'
import type { ReserveAnswer, ThrottleStore, TryKeys, TryReservation } from '../../ports/throttle-store.ts'
import type { ResolvedSignInLimits } from '../../sign-in-limits.ts'

/** What a {@link MemoryThrottleStore} is made of. */
export interface MemoryThrottleStoreOptions {
  /**
   * Accounts, addresses and origins remembered at most, 100 to 10000000; beyond it those that were tried longest ago are
   * forgotten. Default 100000.
   */
  readonly maxKeys?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({ maxKeys: 100_000, clock: systemClock })

interface CountedTry {
  readonly id: string
  readonly atMs: number
}

/** Counts failed tries in the memory of one process. For one process only: others count by themselves. */
export class MemoryThrottleStore implements ThrottleStore {
  readonly #maxKeys: number
  readonly #clock: Clock
  readonly #tries = new Map<string, readonly CountedTry[]>()
  /** Until when an origin is known. */
  readonly #known = new Map<string, number>()

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: MemoryThrottleStoreOptions = {}) {
    const { maxKeys, clock } = withDefaults(options, DEFAULTS)
    this.#maxKeys = requireInteger('maxKeys', maxKeys, { min: 100, max: 10_000_000 })
    this.#clock = clock
  }

  async reserve(keys: TryKeys, limits: ResolvedSignInLimits): Promise<ReserveAnswer> {
    const nowMs = this.#clock.monotonicMs()
    const knownBy = this.#knownBy(keys, nowMs)
    const names = namesOf(keys, knownBy)
    const within = (name: string): readonly CountedTry[] =>
      (this.#tries.get(name) ?? []).filter(({ atMs }) => atMs > nowMs - limits.windowMs)
    const [origin, account, address] = [within(names.origin), within(names.account), within(names.address)]
    const history = {
      originAt: origin.map(({ atMs }) => atMs),
      accountAt: account.map(({ atMs }) => atMs),
      addressAt: address.map(({ atMs }) => atMs),
      knownBy,
    }
    const decision = decideTry(history, limits, nowMs)
    if (!decision.allowed)
      return { outcome: 'refused', cause: decision.cause, retryAfterMs: decision.retryAfterMs }
    const counted = { id: randomUUID(), atMs: nowMs }
    this.#keep(this.#tries, names.origin, [...origin, counted])
    this.#keep(this.#tries, names.address, [...address, counted])
    if (knownBy === 'nothing') this.#keep(this.#tries, names.account, [...account, counted])
    return { outcome: 'reserved', reservation: { reservationId: counted.id, keys, knownBy } }
  }

  async succeed(reservation: TryReservation, deviceKey: string, limits: ResolvedSignInLimits): Promise<void> {
    const { keys, knownBy } = reservation
    const untilMs = this.#clock.monotonicMs() + limits.knownOriginMs
    await this.release(reservation)
    this.#tries.delete(namesOf(keys, knownBy).origin)
    this.#keep(this.#known, knownName(keys, keys.addressKey), untilMs)
    this.#keep(this.#known, knownName(keys, deviceKey), untilMs)
  }

  async release({ reservationId, keys, knownBy }: TryReservation): Promise<void> {
    for (const name of Object.values(namesOf(keys, knownBy))) {
      const rest = (this.#tries.get(name) ?? []).filter(({ id }) => id !== reservationId)
      if (rest.length === 0) this.#tries.delete(name)
      else if (this.#tries.has(name)) this.#tries.set(name, rest)
    }
  }

  #knownBy(keys: TryKeys, nowMs: number): KnownBy {
    const isKnown = (key: string): boolean => (this.#known.get(knownName(keys, key)) ?? nowMs) > nowMs
    if (keys.deviceKey !== undefined && isKnown(keys.deviceKey)) return 'device'
    return isKnown(keys.addressKey) ? 'address' : 'nothing'
  }

  #keep<T>(map: Map<string, T>, name: string, value: T): void {
    // Deleted first, so that the order of the map is that of the last touch.
    map.delete(name)
    map.set(name, value)
    const oldest = map.size > this.#maxKeys ? map.keys().next().value : undefined
    if (oldest !== undefined) map.delete(oldest)
  }
}

function namesOf(
  { accountKey, addressKey, deviceKey }: TryKeys,
  knownBy: KnownBy,
): { readonly origin: string; readonly account: string; readonly address: string } {
  const from = knownBy === 'device' ? deviceKey : addressKey
  return { origin: `o:${accountKey}:${from}`, account: `a:${accountKey}`, address: `i:${addressKey}` }
}

function knownName({ accountKey }: TryKeys, key: string): string {
  return `${accountKey}:${key}`
}
