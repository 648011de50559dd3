import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { keepLoadGauges } from './load-gauges.ts'
import { keepPresenceGauges } from './presence-gauges.ts'
import type { ServerContext } from './server-context.ts'
import { runsCodeAlone, type ServerRole } from './server-role.ts'
import type { Service } from './service.ts'

/** Of the time for stopping, what is kept for giving back what has not ended. */
const GIVE_BACK_SHARE = 0.2

/** The services of a process while they run, with the relay of the outbox beside them. */
export class RunningServices {
  /** Rejects when a service ends that should not have; never resolves. */
  readonly failure: Promise<never>
  readonly #logger: ServerContext['logger']
  readonly #clock: Clock
  readonly #stopping = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #atWork = new Set<ServerRole>()
  readonly #ends: Promise<void>[] = []
  #fail: (error: unknown) => void = () => undefined

  /** Starts them. */
  constructor(
    context: Pick<ServerContext, 'relay' | 'logger' | 'database' | 'metrics' | 'health' | 'roles'>,
    services: readonly Service[],
    clock: Clock = systemClock,
  ) {
    const { signal } = this.#stopping
    this.#logger = context.logger
    this.#clock = clock
    this.failure = new Promise((_resolve, reject) => {
      this.#fail = reject
    })
    // Whoever does not ask for it has the log.
    this.failure.catch(() => undefined)
    if (!runsCodeAlone(context.roles)) {
      this.#ends.push(this.#watch(context.relay.run({ signal }), 'outbox relay'))
      this.#ends.push(this.#watch(keepLoadGauges(context, signal), 'load gauges'))
    }
    this.#ends.push(this.#watch(keepPresenceGauges(context, signal), 'presence gauges'))
    for (const service of services) this.#ends.push(this.#run(service))
  }

  /** Ends them within that many milliseconds; the roles of those that have not ended. */
  async stop(timeoutMs: number): Promise<readonly ServerRole[]> {
    this.#stopping.abort()
    const ended = Promise.all(this.#ends)
    const giveBackMs = Math.round(timeoutMs * GIVE_BACK_SHARE)
    await this.#waitFor(ended, timeoutMs - giveBackMs)
    if (this.#atWork.size > 0) {
      this.#logger.warn({ roles: [...this.#atWork] }, 'work is given back, as the time for stopping ends')
    }
    this.#givingUp.abort()
    await this.#waitFor(ended, giveBackMs)
    return [...this.#atWork]
  }

  async #run(service: Service): Promise<void> {
    this.#atWork.add(service.name)
    await this.#watch(service.run(this.#stopping.signal, this.#givingUp.signal), service.name)
    this.#atWork.delete(service.name)
  }

  async #watch(run: Promise<void>, name: string): Promise<void> {
    try {
      await run
      if (!this.#stopping.signal.aborted) this.#fail(new Error(`${name} ended by itself`))
    } catch (error) {
      this.#logger.error({ err: error, service: name }, 'a service failed')
      this.#fail(error)
    }
  }

  /** Waits that long at most. */
  async #waitFor(ended: Promise<unknown>, timeoutMs: number): Promise<void> {
    const waiting = new AbortController()
    const late = sleep(timeoutMs, { clock: this.#clock, signal: waiting.signal }).catch(() => undefined)
    await Promise.race([ended, late])
    waiting.abort()
  }
}
