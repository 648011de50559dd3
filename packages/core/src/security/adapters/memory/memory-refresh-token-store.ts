import { withDefaults } from '../../../errors/index.ts'
import { type Clock, systemClock } from '../../../time/index.ts'
import type {
  NewRefreshFamily,
  RefreshDecision,
  RefreshFamily,
  RefreshSubject,
  RefreshTokenDecided,
  RefreshTokenRecord,
  RefreshTokenState,
  RefreshTokenStore,
} from '../../refresh/refresh-token-store.ts'

/** Refresh tokens in memory, for one process and for tests: every session ends with it. */
export class MemoryRefreshTokenStore implements RefreshTokenStore {
  readonly #clock: Clock
  readonly #families = new Map<string, RefreshFamily>()
  readonly #tokens = new Map<string, RefreshTokenRecord & { readonly familyId: string }>()

  /** @throws InvalidOptionError `INVALID_OPTION` on an unknown option. */
  constructor(options: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = withDefaults<typeof options, { clock: Clock }>(options, { clock: systemClock }).clock
  }

  async create(make: (now: Date) => NewRefreshFamily, maxFamilies: number): Promise<void> {
    const now = this.#clock.now()
    const { family, token } = make(now)
    this.#families.set(family.familyId, family)
    this.#tokens.set(token.tokenHash, { ...token, familyId: family.familyId })
    const live = this.#liveOf(family, now)
    for (const { familyId } of live.slice(0, Math.max(0, live.length - maxFamilies)))
      this.#revoke(familyId, now)
  }

  async find(tokenHash: string): Promise<RefreshTokenState | undefined> {
    return this.#stateOf(tokenHash)
  }

  #stateOf(tokenHash: string): RefreshTokenState | undefined {
    const token = this.#tokens.get(tokenHash)
    const family = token && this.#families.get(token.familyId)
    if (token === undefined || family === undefined) return undefined
    const successor = token.spent && this.#tokens.get(token.spent.successorHash)
    return { family, token, isSuccessorSpent: successor?.spent !== undefined, now: this.#clock.now() }
  }

  async decide(
    tokenHash: string,
    decide: (state: RefreshTokenState) => RefreshDecision,
  ): Promise<RefreshTokenDecided | undefined> {
    // Without a pause between what is read and what is written, as two exchanges may come at once.
    const state = this.#stateOf(tokenHash)
    if (state === undefined) return undefined
    const decision = decide(state)
    const { family, now } = state
    if (decision.kind === 'refuse' && decision.revokesFamily) this.#revoke(family.familyId, now)
    if (decision.kind === 'rotate') {
      const { spent, expiresAt } = decision
      const { familyId } = family
      this.#tokens.set(tokenHash, { ...state.token, spent, familyId })
      this.#tokens.set(spent.successorHash, {
        tokenHash: spent.successorHash,
        issuedAt: now,
        expiresAt,
        familyId,
      })
    }
    return { state, decision }
  }

  async revokeSubject(subject: RefreshSubject): Promise<number> {
    const now = this.#clock.now()
    const live = this.#liveOf(subject, now)
    for (const { familyId } of live) this.#revoke(familyId, now)
    return live.length
  }

  async forgetEnded(limit: number): Promise<number> {
    const now = this.#clock.now()
    let forgotten = 0
    for (const [id, { expiresAt, revokedAt }] of this.#families) {
      if (forgotten < limit && (expiresAt <= now || revokedAt !== undefined)) {
        this.#families.delete(id)
        forgotten++
      }
    }
    for (const [hash, { expiresAt, familyId }] of this.#tokens) {
      if (expiresAt <= now || !this.#families.has(familyId)) this.#tokens.delete(hash)
    }
    return forgotten
  }

  #liveOf({ tenantId, subject }: RefreshSubject, now: Date): readonly RefreshFamily[] {
    return [...this.#families.values()].filter(
      (one) =>
        one.tenantId === tenantId &&
        one.subject === subject &&
        one.revokedAt === undefined &&
        one.expiresAt > now,
    )
  }

  #revoke(familyId: string, now: Date): void {
    const family = this.#families.get(familyId)
    if (family !== undefined && family.revokedAt === undefined)
      this.#families.set(familyId, { ...family, revokedAt: now })
  }
}
