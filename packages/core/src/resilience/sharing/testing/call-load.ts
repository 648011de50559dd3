import { setTimeout as delay } from 'node:timers/promises'
import type { CircuitBreakerRegistry } from '../../registry/circuit-breaker-registry.ts'

/** What became of the calls of a load. */
export interface LoadFigures {
  readonly calls: number
  /** Calls to healthy services that failed all the same. */
  readonly failed: number
  /** The longest that one call took, in milliseconds. */
  readonly worstMs: number
}

const HEALTHY_SERVICES = 20
const PAUSE_MS = 5

/** Calls healthy services through breakers, over and over, until it is stopped. */
export class CallLoad {
  #isRunning = false
  #done: Promise<LoadFigures> | undefined

  start(registries: readonly CircuitBreakerRegistry[]): void {
    this.#isRunning = true
    this.#done = this.#run(registries)
  }

  async stop(): Promise<LoadFigures | undefined> {
    this.#isRunning = false
    return await this.#done
  }

  async #run(registries: readonly CircuitBreakerRegistry[]): Promise<LoadFigures> {
    let [calls, failed, worstMs] = [0, 0, 0]
    const call = async (registry: CircuitBreakerRegistry, name: string): Promise<void> => {
      const startedAtMs = performance.now()
      try {
        await registry.get(name).execute(async () => 1)
      } catch {
        failed++
      }
      calls++
      worstMs = Math.max(worstMs, performance.now() - startedAtMs)
    }
    while (this.#isRunning) {
      for (const registry of registries) {
        for (let index = 0; index < HEALTHY_SERVICES; index++) await call(registry, `healthy-${index}`)
      }
      await delay(PAUSE_MS)
    }
    return { calls, failed, worstMs }
  }
}
