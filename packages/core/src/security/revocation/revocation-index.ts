import type { TokenClaims } from '../token/token-claims.ts'
import type { Revocation } from './revocation-store.ts'

/** Clocks of issuers and verifiers may differ by so much at most. */
export const EXPIRY_MARGIN_MS = 60_000

/** Looking through all entries takes a while where there are many. */
const FORGET_EVERY_MS = 10_000

/** What is revoked, in memory, bounded in number. */
export class RevocationIndex {
  readonly #maxEntries: number
  readonly #tokens = new Map<string, number>()
  readonly #subjects = new Map<string, { readonly beforeMs: number; readonly expiresMs: number }>()
  readonly #keys = new Set<string>()
  /** Tokens that expire then or before are refused: the list of them has been let go. */
  #floorMs = Number.NEGATIVE_INFINITY
  #forgottenAtMs = Number.NEGATIVE_INFINITY

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  /** How many tokens and subjects it holds. */
  get size(): number {
    return this.#tokens.size + this.#subjects.size
  }

  /** Takes further revocations in; adding one twice changes nothing. */
  add(revocations: readonly Revocation[], now: Date): void {
    for (const one of revocations) this.#addOne(one)
    const nowMs = now.getTime()
    if (nowMs - this.#forgottenAtMs >= FORGET_EVERY_MS) {
      this.#forgetUntil(nowMs)
      this.#forgottenAtMs = nowMs
    }
    if (this.size > this.#maxEntries) this.#makeRoom()
  }

  /** Whether a token with those claims is revoked. */
  isRevoked({ tenantId, tokenId, subject, keyId, issuedAt, expiresAt }: TokenClaims): boolean {
    if (this.#keys.has(keyId) || this.#tokens.has(idOf(tenantId, tokenId))) return true
    if (expiresAt.getTime() + EXPIRY_MARGIN_MS <= this.#floorMs) return true
    const entry = this.#subjects.get(idOf(tenantId, subject))
    return entry !== undefined && issuedAt.getTime() <= entry.beforeMs
  }

  #addOne(one: Revocation): void {
    if (one.kind === 'key') {
      this.#keys.add(one.keyId)
      return
    }
    const expiresMs = one.expiresAt.getTime()
    if (one.kind === 'token') {
      this.#tokens.set(idOf(one.tenantId, one.tokenId), expiresMs)
      return
    }
    const id = idOf(one.tenantId, one.subject)
    const known = this.#subjects.get(id)
    this.#subjects.set(id, {
      beforeMs: Math.max(one.issuedBefore.getTime(), known?.beforeMs ?? 0),
      expiresMs: Math.max(expiresMs, known?.expiresMs ?? 0),
    })
  }

  #forgetUntil(instantMs: number): void {
    for (const [id, expiresMs] of this.#tokens) if (expiresMs <= instantMs) this.#tokens.delete(id)
    for (const [id, { expiresMs }] of this.#subjects) if (expiresMs <= instantMs) this.#subjects.delete(id)
  }

  /** Lets a tenth go, those that expire first; all tokens that expire as early are refused from now on. */
  #makeRoom(): void {
    const expiries = [
      ...this.#tokens.values(),
      ...[...this.#subjects.values()].map(({ expiresMs }) => expiresMs),
    ]
    expiries.sort((a, b) => a - b)
    const excess = this.size - Math.floor(this.#maxEntries * 0.9)
    this.#floorMs = Math.max(this.#floorMs, expiries[excess - 1] ?? 0)
    this.#forgetUntil(this.#floorMs)
  }
}

/** Ids hold no control character, so that two different pairs are never one text. */
function idOf(tenantId: string, id: string): string {
  return `${tenantId}\u0000${id}`
}
