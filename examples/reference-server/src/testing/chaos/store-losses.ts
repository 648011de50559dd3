import { setTimeout as delay } from 'node:timers/promises'
import { type StartedService, startNats } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { SERVER_ROLES } from '../../server-role.ts'
import { whatWaits } from './drained-messages.ts'
import { openServiceAddress, type ServiceAddress } from './service-address.ts'
import type { LossScene, StoreLoss } from './store-loss-run.ts'

/** A PostgreSQL whose standby has all that is committed. */
export interface PrimaryAndStandby {
  readonly primary: StartedService
  readonly standby: StartedService
  promote(): Promise<void>
  stop(): Promise<void>
}

/** Steps that have ended when Redis loses everything, each time. */
const REDIS_AT_STEPS = [8, 30, 60]
/** More than a consumer is given at once, so that some are in the store alone. */
const UNHEARD = 60
const POLL_MS = 100
const HEARD_BY_MESSAGE_ALONE = / events of budgets that are not in the audit log$/

/**
 * What an operator runs on PostgreSQL after NATS has lost its streams: the relays publish again what they had published since
 * then, and who has had an event before does nothing.
 */
const PUBLISH_AGAIN =
  'UPDATE outbox SET published_at = NULL, available_at = clock_timestamp() WHERE published_at >= $1'

/** Redis is emptied, killed and started again, three times. */
export function redisLoss(): StoreLoss {
  return {
    title: 'Redis loses everything',
    lose: async ({ services, say, stepsEnded }) => {
      let keys = 0
      for (const steps of REDIS_AT_STEPS) {
        await stepsEnded(steps)
        const redis = new Redis(services.redis.address)
        keys += await redis.dbsize()
        await redis.flushall()
        redis.disconnect()
        await services.redis.kill()
        await services.redis.restart()
        say(`Redis lost everything after ${steps} steps`)
      }
      return { 'times that Redis was emptied': REDIS_AT_STEPS.length, 'keys that it lost': keys }
    },
  }
}

/** A server behind an address that stays. */
class ReplaceableServer {
  readonly #start: () => Promise<StartedService>
  #behind: StartedService | undefined
  #front: ServiceAddress | undefined

  constructor(start: () => Promise<StartedService>) {
    this.#start = start
  }

  /** Starts the first one. */
  async start(): Promise<StartedService> {
    const behind = await this.#start()
    const front = await openServiceAddress(behind.address)
    this.#behind = behind
    this.#front = front
    const stop = async (): Promise<void> => {
      await front.close()
      await this.#behind?.stop()
    }
    return { ...behind, address: front.address, stop }
  }

  /** Nobody reaches it until it is let in again. */
  cut(): void {
    this.#front?.leadTo(undefined)
  }

  mend(): void {
    this.#front?.leadTo(this.#behind?.address)
  }

  /** Kills it, removes what it has and puts a new one in its place. */
  async replace(): Promise<void> {
    this.cut()
    await this.#behind?.kill()
    await this.#behind?.stop()
    this.#behind = await this.#start()
    this.mend()
  }
}

/** NATS is killed, and another one with an empty folder takes its place, while a consumer has not heard of everything. */
export function natsLoss(): StoreLoss {
  const nats = new ReplaceableServer(startNats)
  const since = new Date()
  return {
    title: 'NATS loses its store',
    start: { nats: () => nats.start() },
    lose: async (scene) => {
      const { services, fleet, client, say, signal } = scene
      // The supervisor hears of budgets, and writes what it hears into the audit log.
      const supervisor = await fleet.whenRuns('supervisor')
      supervisor.child.kill('SIGSTOP')
      for (let number = 0; number < UNHEARD; number++) await client.exhaust(`unheard ${number}`, signal)
      await untilNone(
        scene,
        "SELECT count(*) FROM outbox WHERE event_type LIKE 'budget.%' AND published_at IS NULL",
      )
      await nats.replace()
      supervisor.child.kill('SIGCONT')
      say('NATS is there again, and has nothing')
      return { 'events that the lost store had and the outbox has too': await published(services) }
    },
    recover: async (scene) => {
      const { services, say, signal } = scene
      let waiting = await whatWaits(services).catch(() => ['everything'])
      while (waiting.some((one) => !HEARD_BY_MESSAGE_ALONE.test(one))) {
        signal.throwIfAborted()
        await delay(POLL_MS)
        waiting = await whatWaits(services).catch(() => ['everything'])
      }
      const unheard = Number.parseInt(waiting[0] ?? '0', 10)
      say(`every task has ended; ${unheard} events were heard by nobody`)
      const { rowCount } = await services.opened.database.query(PUBLISH_AGAIN, [since])
      say(`${rowCount} events are published again`)
      return {
        figures: {
          'events that nobody heard, until they were published again': unheard,
          'events published again': rowCount,
        },
        problems: unheard > 0 ? [] : ['nothing was lost, so that publishing again shows nothing'],
      }
    },
  }
}

/** The primary of PostgreSQL is killed and its folder removed, and its standby takes the address over. */
export function postgresLoss(startBoth: () => Promise<PrimaryAndStandby>): StoreLoss {
  let both: PrimaryAndStandby
  let front: ServiceAddress
  return {
    title: 'PostgreSQL loses its primary',
    start: {
      postgres: async () => {
        both = await startBoth()
        front = await openServiceAddress(both.primary.address)
        const stop = async (): Promise<void> => {
          await front.close()
          await both.stop()
        }
        return { ...both.primary, address: front.address, stop }
      },
    },
    lose: async ({ say }) => {
      const startedMs = performance.now()
      await both.primary.kill()
      front.leadTo(undefined)
      await both.primary.stop()
      await both.promote()
      front.leadTo(both.standby.address)
      say('the standby is the primary')
      return { 'milliseconds without a PostgreSQL': Math.round(performance.now() - startedMs) }
    },
  }
}

/** A PostgreSQL, dumps of its database, and their restore in its place. */
export interface Dumps {
  readonly service: StartedService
  take(): Promise<void>
  /** Nobody must be connected. */
  restore(): Promise<void>
  /** The server runs on. */
  close(): Promise<void>
}

/** Steps that have ended when a dump is taken, and when PostgreSQL goes back to it. */
const DUMP_AT_STEPS = 20
const BACK_AT_STEPS = 70

/** PostgreSQL goes back to a dump while tasks are under way, and who works beside it is brought to the same moment. */
export function postgresReturn(openDumps: () => Promise<Dumps>): StoreLoss {
  let dumps: Dumps
  const postgres = new ReplaceableServer(async () => {
    dumps = await openDumps()
    return dumps.service
  })
  const nats = new ReplaceableServer(startNats)
  const since = new Date()
  return {
    title: 'PostgreSQL goes back to a dump',
    start: { postgres: () => postgres.start(), nats: () => nats.start() },
    inevitable: {
      name: 'model calls that are billed and not in the budget, or made again',
      problems: /^the call \S+ (was made \d+ times|was made without a hold|is paid with \d+ tokens)/,
    },
    lose: async ({ services, fleet, say, stepsEnded }) => {
      try {
        await stepsEnded(DUMP_AT_STEPS)
        await dumps.take()
        await stepsEnded(BACK_AT_STEPS)
        postgres.cut()
        // They start anew by themselves, and wait for the database.
        await Promise.all(SERVER_ROLES.map((role) => fleet.kill(role)))
        await dumps.restore()
      } finally {
        await dumps.close()
      }
      await nats.replace()
      const redis = new Redis(services.redis.address)
      await redis.flushall()
      redis.disconnect()
      postgres.mend()
      say('PostgreSQL is as it was at the dump; NATS and Redis are empty')
      return {}
    },
    recover: async ({ services, client, tasks, say, signal }) => {
      const { rowCount } = await services.opened.database.query(PUBLISH_AGAIN, [since])
      say(`${rowCount} events are published again, and every task is posted again`)
      for (const task of tasks) {
        await client.post(task, signal)
        await client.exhaust(`spent by ${task.id}`, signal)
      }
      return { figures: { 'events published again': rowCount }, problems: [] }
    },
  }
}

async function untilNone({ services, signal }: LossScene, sql: string): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const { rows } = await services.opened.database.query<{ count: bigint }>(sql)
    if (rows[0]?.count === 0n) return
    await delay(POLL_MS)
  }
}

async function published({ opened }: LossScene['services']): Promise<number> {
  const { rows } = await opened.database.query<{ count: bigint }>(
    'SELECT count(*) FROM outbox WHERE published_at IS NOT NULL',
  )
  return Number(rows[0]?.count)
}
