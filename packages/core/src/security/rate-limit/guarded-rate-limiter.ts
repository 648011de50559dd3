import { isGoldenError } from '../../errors/index.ts'
import { METRICS } from '../../observability/index.ts'
import {
  type GuardedRateLimiterOptions,
  type ResolvedGuardedRateLimiterOptions,
  resolveGuardedRateLimiterOptions,
} from './guarded-rate-limiter-options.ts'
import { DenialMemory } from './loss/denial-memory.ts'
import { ProcessLog } from './loss/process-log.ts'
import { processShare } from './loss/process-share.ts'
import { SharedLink } from './loss/shared-link.ts'
import { type RateLimit, requireRateLimit } from './rate-limit.ts'
import type { RateLimitDecision, RateLimiter, RateLimitSource } from './rate-limiter.ts'

/** A key that no role's call has. */
const PROBE_KEY = '~probe'
const PROBE_LIMIT: RateLimit = Object.freeze({ name: 'probe', limit: 1, windowMs: 1000 })

/**
 * A shared limiter, and what is answered while it does not: by the limit's `onLoss` policy. Calls wait for it only until
 * it has failed a few times in a row; then they are answered at once, while one probe at a time asks whether it is back.
 *
 * Under `degrade` a process that is left alone admits its share, floor(limit / instances), of any window, counting what
 * the shared limiter admitted of it; and it keeps to that after the return, until what was admitted alone has left the
 * window. Where all processes lose the limiter together they admit no more than the limit in any window after the loss.
 * In one that began before it, and where only some lose it, the sum is at most limit + (instances − 1) × share, less than
 * twice the limit. Of one process it never exceeds the limit.
 */
export class GuardedRateLimiter implements RateLimiter {
  readonly #options: ResolvedGuardedRateLimiterOptions
  readonly #link: SharedLink
  readonly #denials: DenialMemory
  readonly #log: ProcessLog

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: GuardedRateLimiterOptions) {
    this.#options = resolveGuardedRateLimiterOptions(options)
    const degraded = this.#options.metrics.gauge(METRICS.limiterDegraded)
    const probe = (): Promise<unknown> => this.#options.shared.consume(PROBE_KEY, PROBE_LIMIT)
    this.#link = new SharedLink({ ...this.#options, degraded, probe })
    this.#denials = new DenialMemory(this.#options.maxKeys)
    this.#log = new ProcessLog(this.#options.maxKeys)
  }

  /** Whether this process decides alone, since the shared limiter does not answer. */
  get isDegraded(): boolean {
    return !this.#link.isUp
  }

  /** Stops probing for a limiter that is lost; calls are then answered by the policy for good. Calling it again changes nothing. */
  async close(): Promise<void> {
    this.#link.close()
  }

  /** As {@link GuardedRateLimiter.close} does, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Asks for one call of `key`.
   * @throws InvalidOptionError `INVALID_OPTION` on a key or limit out of range; never for want of an answer.
   */
  async consume(key: string, limit: RateLimit): Promise<RateLimitDecision> {
    requireRateLimit(limit)
    const nowMs = this.#nowMs()
    if (limit.onLoss !== 'open' || this.#link.isUp) {
      const denialMs = this.#denials.remainingMs(key, nowMs, this.#link.isUp)
      if (denialMs !== undefined) return denied(limit, denialMs, 'deny-cache')
    }
    if (!this.#link.isUp) return this.#decideAlone(key, limit, nowMs)
    if (policyOf(limit) === 'degrade' && this.#mayBeUnknown(key, limit, nowMs)) {
      return await this.#askWithinShare(key, limit, nowMs)
    }
    const decision = await this.#ask(key, limit)
    if (decision === undefined) return this.#decideAlone(key, limit, this.#nowMs())
    if (decision.allowed && policyOf(limit) === 'degrade') {
      this.#log.note(key, limit.limit, limit.windowMs, this.#nowMs())
    }
    return decision
  }

  /** Both have to agree: the shared limiter, and this process by its share. */
  async #askWithinShare(key: string, limit: RateLimit, nowMs: number): Promise<RateLimitDecision> {
    const share = this.#shareOf(limit)
    if (share === 0) return denied(limit, this.#link.settledInMs(limit.windowMs, nowMs), 'degraded')
    const verdict = this.#log.take(key, share, limit.windowMs, nowMs)
    if (!verdict.allowed) return denied(limit, verdict.retryAfterMs, 'degraded')
    const decision = await this.#ask(key, limit)
    if (decision === undefined) {
      this.#log.giveBack(key, nowMs)
      return this.#decideAlone(key, limit, this.#nowMs())
    }
    if (!decision.allowed) this.#log.giveBack(key, nowMs)
    return { ...decision, remaining: Math.min(decision.remaining, verdict.remaining) }
  }

  /** Whether calls that some process admitted alone, which the shared limiter does not know, may lie in the window. */
  #mayBeUnknown(key: string, limit: RateLimit, nowMs: number): boolean {
    const { instances, instanceIndex } = this.#options
    // The first process has the greatest share: where that is none, no process admits any call alone.
    const greatestShare = processShare(limit.limit, instances, instanceIndex === undefined ? undefined : 0)
    if (greatestShare === 0) return false
    return this.#link.settledInMs(limit.windowMs, nowMs) > 0 || this.#log.isAlone(key, nowMs)
  }

  /** The shared limiter's decision, or undefined where it gave none. */
  async #ask(key: string, limit: RateLimit): Promise<RateLimitDecision | undefined> {
    try {
      const decision = await this.#options.shared.consume(key, limit)
      this.#link.succeeded()
      if (!decision.allowed) this.#denials.remember(key, decision.retryAfterMs, this.#nowMs())
      return decision
    } catch (error) {
      if (isGoldenError(error, 'INVALID_OPTION')) throw error
      this.#link.failed(error)
      return undefined
    }
  }

  #decideAlone(key: string, limit: RateLimit, nowMs: number): RateLimitDecision {
    const policy = policyOf(limit)
    if (policy === 'closed') return denied(limit, this.#link.probeInMs(nowMs), 'closed')
    if (policy === 'open') {
      const resetMs = this.#link.probeInMs(nowMs)
      const remaining = limit.limit - 1
      return { allowed: true, limit: limit.limit, remaining, resetMs, retryAfterMs: 0, source: 'open' }
    }
    const share = this.#shareOf(limit)
    if (share === 0) return denied(limit, this.#link.probeInMs(nowMs), 'degraded')
    const { allowed, remaining, resetMs, retryAfterMs } = this.#log.take(key, share, limit.windowMs, nowMs)
    if (allowed) this.#log.markAlone(key, limit.windowMs, nowMs)
    return { allowed, limit: limit.limit, remaining, resetMs, retryAfterMs, source: 'degraded' }
  }

  #shareOf(limit: RateLimit): number {
    return processShare(limit.limit, this.#options.instances, this.#options.instanceIndex)
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs()
  }
}

function policyOf(limit: RateLimit): 'degrade' | 'closed' | 'open' {
  return limit.onLoss ?? 'degrade'
}

function denied(limit: RateLimit, retryAfterMs: number, source: RateLimitSource): RateLimitDecision {
  const resetMs = retryAfterMs
  return { allowed: false, limit: limit.limit, remaining: 0, resetMs, retryAfterMs, source }
}
