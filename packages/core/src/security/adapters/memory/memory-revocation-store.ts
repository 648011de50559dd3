import { withDefaults } from '../../../errors/index.ts'
import { type Clock, systemClock } from '../../../time/index.ts'
import type { Revocation, RevocationPage, RevocationStore } from '../../revocation/revocation-store.ts'

/** Revocations in memory, for one process and for tests: they end with it. */
export class MemoryRevocationStore implements RevocationStore {
  readonly #clock: Clock
  #entries: { readonly sequence: bigint; readonly revocation: Revocation }[] = []
  #sequence = 0n

  /** @throws InvalidOptionError `INVALID_OPTION` on an unknown option. */
  constructor(options: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = withDefaults<typeof options, { clock: Clock }>(options, { clock: systemClock }).clock
  }

  async add(make: (now: Date) => Revocation): Promise<void> {
    const now = this.#clock.now()
    this.#entries = this.#entries.filter(({ revocation }) => isLive(revocation, now))
    this.#sequence++
    this.#entries.push({ sequence: this.#sequence, revocation: make(now) })
  }

  async readAfter(sequence: bigint, limit: number): Promise<RevocationPage> {
    const now = this.#clock.now()
    const after = sequence > this.#sequence ? 0n : sequence
    const live = this.#entries.filter((one) => one.sequence > after && isLive(one.revocation, now))
    const page = live.slice(0, limit)
    const hasMore = live.length > limit
    return {
      revocations: page.map(({ revocation }) => revocation),
      sequence: hasMore ? (page.at(-1)?.sequence ?? after) : this.#sequence,
      hasMore,
      now,
    }
  }
}

function isLive(revocation: Revocation, now: Date): boolean {
  return revocation.kind === 'key' || revocation.expiresAt > now
}
