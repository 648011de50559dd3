import { CircuitBreaker } from '../../circuit-breaker.ts'
import {
  type CircuitBreakerRules,
  resolveCircuitBreakerOptions,
  resolvedWith,
} from '../../circuit-breaker-options.ts'
import { ManagedBreaker } from '../../registry/managed-breaker.ts'
import { CircuitSharing } from '../circuit-sharing.ts'
import type { CircuitSharingOptions } from '../circuit-sharing-options.ts'

/** One of several processes that share circuits, played within this one. */
export class SharingMember {
  readonly sharing: CircuitSharing
  readonly #options: CircuitSharingOptions
  readonly #breakers = new Map<string, CircuitBreaker>()

  constructor(options: CircuitSharingOptions) {
    this.#options = options
    this.sharing = new CircuitSharing({ random: () => 0.5, ...options })
  }

  /** The breaker of that name; the rules count when it is asked for first. */
  breaker(name: string, rules: CircuitBreakerRules = {}): CircuitBreaker {
    const known = this.#breakers.get(name)
    if (known !== undefined) return known
    const { clock } = this.#options
    const resolved = resolveCircuitBreakerOptions({
      ...{ failureThreshold: 2, recoveryTimeoutMs: 10_000, ...rules },
      clock,
    })
    const breaker = new CircuitBreaker(name, resolvedWith({ ...resolved, coordinator: this.sharing }))
    this.#breakers.set(name, breaker)
    this.sharing.joined(new ManagedBreaker(breaker))
    return breaker
  }

  /** The breaker of that name as the registry makes it again after its eviction. */
  remake(name: string): CircuitBreaker {
    this.#breakers.delete(name)
    return this.breaker(name)
  }

  /** How a call through the breaker ends: `ok`, `failed`, or the code of the rejection. */
  async call(name: string, outcome: 'ok' | 'failed' = 'ok'): Promise<string> {
    try {
      await this.breaker(name).execute(async () => {
        if (outcome === 'failed') throw new Error('the service failed')
      })
      return 'ok'
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'failed'
    }
  }

  /** Trips the breaker by two failures. */
  async trip(name: string): Promise<void> {
    await this.call(name, 'failed')
    await this.call(name, 'failed')
  }
}
