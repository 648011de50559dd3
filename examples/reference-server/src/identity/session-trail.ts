import type { AuditEntry } from '@golden-arch/core/audit'
import type { Logger } from '@golden-arch/core/observability'
import type { AuditTrail, RefreshSession, RefusedRefresh } from '@golden-arch/core/security'
import { type Clock, withDeadline } from '@golden-arch/core/time'

/** What a {@link SessionTrail} is made of. */
export interface SessionTrailOptions {
  readonly audit: AuditTrail
  /** Tenant whose log takes what happens to tokens of nobody. */
  readonly tenantId: string
  readonly logger: Logger
  readonly clock: Clock
}

const INTERVAL_MS = 60_000
const MAX_ENTRIES = 100
const WRITE_TIMEOUT_MS = 10_000

/**
 * Writes the ends of sessions and refused refresh tokens to the audit log, in a bounded number: one entry a minute for a
 * session and what became of it, and {@link MAX_ENTRIES} a minute in all. Nobody waits for it.
 */
export class SessionTrail {
  readonly #options: SessionTrailOptions
  readonly #told = new Set<string>()
  readonly #writing = new Set<Promise<void>>()
  #since: number

  constructor(options: SessionTrailOptions) {
    this.#options = options
    this.#since = options.clock.now().getTime()
  }

  /** Takes over that a session ended by sign-out. Never throws. */
  noteSignOut(session: RefreshSession, requestId: string): void {
    const { tenantId, subject, familyId } = session
    this.#write(`end:${familyId}`, {
      tenantId,
      actor: { id: subject, kind: 'human', requestId },
      action: 'user.signOut',
      resource: `session/${familyId}`,
      outcome: 'allowed',
    })
  }

  /** Takes a refused refresh token over. Never throws. */
  noteRefusal({ reason, session }: RefusedRefresh): void {
    this.#write(`${reason}:${session?.familyId ?? ''}`, {
      tenantId: session?.tenantId ?? this.#options.tenantId,
      actor: { id: 'unauthenticated', kind: 'service' },
      action: 'session.refresh',
      resource: session === undefined ? 'session/unknown' : `session/${session.familyId}`,
      outcome: 'denied',
      details: { reason, ...(session === undefined ? {} : { user: session.subject }) },
    })
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await Promise.all(this.#writing)
  }

  #write(key: string, entry: AuditEntry): void {
    const { audit, logger, clock } = this.#options
    const now = clock.now().getTime()
    if (now - this.#since >= INTERVAL_MS) {
      this.#told.clear()
      this.#since = now
    }
    if (this.#told.has(key) || this.#told.size >= MAX_ENTRIES) return
    this.#told.add(key)
    const writing = withDeadline({ timeoutMs: WRITE_TIMEOUT_MS }, () => audit.write(entry))
      .catch((error: unknown) => {
        logger.error({ err: error, entry }, 'what became of a session could not be recorded')
      })
      .finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }
}
