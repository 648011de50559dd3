import type { Clock } from '@golden-arch/core/time'
import { ComponentState } from './http/component-state.ts'

/** How a part of the server is; `embedded` where it needs no server of its own. */
export type ComponentHealth = 'healthy' | 'unhealthy' | 'embedded'

/** What the server says of itself. `degraded`: it works on without something, more slowly. */
export interface HealthReport {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  readonly components: Readonly<Record<'api' | 'database' | 'redis' | 'nats', ComponentHealth>>
}

/** Asks a server; whatever it resolves to, the server answers. */
export type AskComponent = (signal: AbortSignal) => Promise<unknown>

/** What {@link Health} is made of. */
export interface HealthOptions {
  readonly database: AskComponent
  /** Default: there is none. */
  readonly redis?: AskComponent | undefined
  /** Default: there is none. */
  readonly nats?: AskComponent | undefined
  /** Default the system clock. */
  readonly clock?: Clock
}

/** What is answered to who asks how a process is. */
export interface HealthAnswer<Body> {
  readonly status: 200 | 503
  readonly body: Body
}

type Probe = HealthAnswer<{ readonly status: 'healthy' | 'unhealthy' }>

/** What every listener of the process answers to those who ask how it is. */
export const healthAnswers = Object.freeze({
  /** For people. Degraded, it works on: still 200. */
  report: async (health: Health): Promise<HealthAnswer<HealthReport>> => {
    const body = await health.report()
    return { status: body.status === 'unhealthy' ? 503 : 200, body }
  },
  /** Whether the process lives: it answers. */
  live: async (): Promise<Probe> => ({ status: 200, body: { status: 'healthy' } }),
  /** Whether it takes work. */
  ready: async (health: Health): Promise<Probe> =>
    (await health.isReady())
      ? { status: 200, body: { status: 'healthy' } }
      : { status: 503, body: { status: 'unhealthy' } },
})

/**
 * How the server is. It is ready while it does not stop, its database answers and its services can work. Without Redis or
 * NATS it is degraded and stays ready: limits are then granted in shares, and messages wait in the outbox.
 */
export class Health {
  readonly #database: ComponentState
  readonly #redis: ComponentState | undefined
  readonly #nats: ComponentState | undefined
  readonly #services: (() => Promise<boolean>)[] = []
  #isStopping = false

  constructor({ database, redis, nats, clock }: HealthOptions) {
    const stateOf = (ask: AskComponent): ComponentState =>
      new ComponentState({ ask, ...(clock === undefined ? {} : { clock }) })
    this.#database = stateOf(database)
    this.#redis = redis === undefined ? undefined : stateOf(redis)
    this.#nats = nats === undefined ? undefined : stateOf(nats)
  }

  /** Never rejects. */
  async report(): Promise<HealthReport> {
    const [database, redis, nats] = await Promise.all([
      this.#database.isUp(),
      this.#redis?.isUp(),
      this.#nats?.isUp(),
    ])
    const isDegraded = redis === false || nats === false
    return {
      status: !database ? 'unhealthy' : isDegraded ? 'degraded' : 'healthy',
      components: {
        api: 'healthy',
        database: database ? 'healthy' : 'unhealthy',
        redis: redis === undefined ? 'embedded' : redis ? 'healthy' : 'unhealthy',
        nats: nats === undefined ? 'embedded' : nats ? 'healthy' : 'unhealthy',
      },
    }
  }

  /** Whether new work should come here. Never rejects. */
  async isReady(): Promise<boolean> {
    if (this.#isStopping) return false
    const services = this.#services.map((isReady) => isReady().catch(() => false))
    const all = await Promise.all([this.#database.isUp(), ...services])
    // It may have begun to stop meanwhile.
    return all.every(Boolean) && !this.#isStopping
  }

  /** Lets readiness depend on a service too. */
  addService(isReady: () => Promise<boolean>): void {
    this.#services.push(isReady)
  }

  /** From now on the server is not ready any more. */
  startStopping(): void {
    this.#isStopping = true
  }
}
