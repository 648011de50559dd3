import type { AuditEntry } from '../../audit/index.ts'
import { requireInteger, requireText } from '../../errors/index.ts'
import type { Logger } from '../../observability/index.ts'
import { type Clock, type ScheduledTimer, withDeadline } from '../../time/index.ts'
import type { AuditTrail } from '../audit-trail.ts'
import type { User } from './users/user.ts'

/** Why a try to sign in failed, for the audit log. */
export type SignInFailureCause =
  | 'wrong-password'
  | 'disabled'
  | 'origin-delay'
  | 'account-lock'
  | 'address-limit'

/** A failed try. */
export interface SignInFailure {
  readonly cause: SignInFailureCause
  /** The keyed digest of the name. */
  readonly account: string
  /** Absent where the name was not looked up, or is nobody's. */
  readonly user?: User
  readonly requestId?: string
}

/** How failures are recorded. */
export interface FailureTrailOptions {
  readonly trail: AuditTrail
  /** Tenant whose log takes the failures of names that are nobody's, or were not looked up. Default `system`. */
  readonly tenantId?: string | undefined
  /** Milliseconds in which failures of one account and cause make one entry, 1000 to 3600000. Default 60000. */
  readonly intervalMs?: number | undefined
  /** Entries in one interval at most, half of them at once; what exceeds them is one entry more. 1 to 10000. Default 100. */
  readonly maxEntries?: number | undefined
  readonly logger: Logger
  readonly clock: Clock
}

/** An entry that is not stored by then is given up. */
const WRITE_TIMEOUT_MS = 10_000

interface Gathered {
  readonly failure: SignInFailure
  /** Tries that no entry tells of yet. */
  untold: number
}

/**
 * Writes failed tries to the audit log in a bounded number: the first of an account and cause at once, the others of the
 * interval as one entry with their number when it ends, the most tried first, and no more entries in an interval than
 * `maxEntries`, beyond which one tells how many tries were left out. Only half of the entries are written at once, so
 * that many names leave room for the most tried of them. Nobody waits for it: the time of an answer tells nothing.
 */
export class FailureTrail {
  readonly #trail: AuditTrail
  readonly #tenantId: string
  readonly #intervalMs: number
  readonly #maxEntries: number
  readonly #maxAtOnce: number
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #gathered = new Map<string, Gathered>()
  readonly #writing = new Set<Promise<void>>()
  #leftOut = 0
  #timer: ScheduledTimer | undefined

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: FailureTrailOptions) {
    this.#trail = options.trail
    this.#tenantId = requireText('auditTenantId', options.tenantId ?? 'system', 128)
    this.#intervalMs = requireInteger('auditIntervalMs', options.intervalMs ?? 60_000, {
      min: 1000,
      max: 3_600_000,
    })
    this.#maxEntries = requireInteger('maxAuditEntries', options.maxEntries ?? 100, { min: 1, max: 10_000 })
    this.#maxAtOnce = Math.ceil(this.#maxEntries / 2)
    this.#logger = options.logger
    this.#clock = options.clock
  }

  /** Takes a failure over at once. Never throws. */
  note(failure: SignInFailure): void {
    const key = `${failure.cause}:${failure.account}`
    const known = this.#gathered.get(key)
    if (known !== undefined) known.untold++
    else if (this.#gathered.size >= this.#maxEntries) this.#leftOut++
    else if (this.#gathered.size >= this.#maxAtOnce) this.#gathered.set(key, { failure, untold: 1 })
    else {
      this.#gathered.set(key, { failure, untold: 0 })
      this.#write(this.#entryOf(failure, 1))
    }
    if (this.#timer !== undefined) return
    this.#timer = this.#clock.schedule(this.#intervalMs, () => void this.flush())
    // What is gathered is written by close(); a process that has nothing else to do may end.
    this.#timer.hold?.(false)
  }

  /** Writes what has been gathered; resolves when nothing is being written any more. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const waiting = [...this.#gathered.values()].filter(({ untold }) => untold > 0)
    waiting.sort((one, other) => other.untold - one.untold)
    const room = this.#maxEntries - Math.min(this.#gathered.size, this.#maxAtOnce)
    for (const { failure, untold } of waiting.slice(0, room)) this.#write(this.#entryOf(failure, untold))
    for (const { untold } of waiting.slice(room)) this.#leftOut += untold
    if (this.#leftOut > 0) this.#write(this.#leftOutEntry(this.#leftOut))
    this.#gathered.clear()
    this.#leftOut = 0
    await Promise.all(this.#writing)
  }

  #write(entry: AuditEntry): void {
    const limit = { timeoutMs: WRITE_TIMEOUT_MS, clock: this.#clock }
    const writing = withDeadline(limit, () => this.#trail.write(entry))
      .catch((error: unknown) => {
        this.#logger.error({ err: error, entry }, 'failed sign-ins could not be recorded in the audit log')
      })
      .finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }

  #entryOf({ cause, account, user, requestId }: SignInFailure, count: number): AuditEntry {
    return {
      tenantId: user?.tenantId ?? this.#tenantId,
      actor: { id: 'unauthenticated', kind: 'service', ...(requestId === undefined ? {} : { requestId }) },
      action: 'user.signIn',
      resource: user === undefined ? `account/${account}` : `user/${user.userId}`,
      outcome: 'denied',
      details: { cause, account, count },
    }
  }

  #leftOutEntry(count: number): AuditEntry {
    return {
      tenantId: this.#tenantId,
      actor: { id: 'unauthenticated', kind: 'service' },
      action: 'user.signIn',
      resource: 'account/many',
      outcome: 'denied',
      details: { cause: 'left-out', count },
    }
  }
}
