import { InvalidOptionError, requireInteger, requireMethods, withDefaults } from '../../../errors/index.ts'
import { untilReady } from '../../../storage/adapters/redis/until-ready.ts'
import { StorageError } from '../../../storage/index.ts'
import { type Clock, systemClock, withDeadline } from '../../../time/index.ts'
import type {
  CircuitProposal,
  CircuitStore,
  CircuitStoreListener,
  CircuitSubscription,
  ProbeAnswer,
  ProbeRequest,
  ProposalAnswer,
  SharedCircuit,
} from '../../ports/circuit-store.ts'
import type { CircuitRedis } from './circuit-redis.ts'
import { ACQUIRE_PROBE, type CircuitScript, PROPOSE, READ, RELEASE_PROBE } from './circuit-scripts.ts'
import { readCircuitText } from './circuit-text.ts'
import { RedisCircuitSubscription } from './redis-circuit-subscription.ts'

/** What a {@link RedisCircuitStore} is made of. */
export interface RedisCircuitStoreOptions {
  /**
   * An ioredis client (5 or 6), not a `Cluster`. It stays yours: we never close it. One connection of the same settings
   * is opened to hear of changes, and closed with the subscription.
   */
  readonly redis: CircuitRedis
  /**
   * Put before every key and the channel's name in braces, 1 to 200 characters without braces: behind a proxy that
   * spreads keys over nodes, all lie on one. Default `circuit`.
   */
  readonly keyPrefix?: string | undefined
  /** Milliseconds within which every command ends, 1 to 60000. Default 500. */
  readonly commandTimeoutMs?: number | undefined
  /**
   * Milliseconds for which a circuit is remembered after it closed or could have, 1000 to 86400000. A circuit held by
   * hand is kept until it is let go. Default 600000 (10 minutes).
   */
  readonly retentionMs?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The defaults of {@link RedisCircuitStoreOptions}. */
const DEFAULT_REDIS_CIRCUIT_STORE_OPTIONS = Object.freeze({
  redis: undefined,
  keyPrefix: 'circuit',
  commandTimeoutMs: 500,
  retentionMs: 600_000,
  clock: systemClock,
})

const READ_LIMIT = 1000

/**
 * Circuits agreed on in Redis, 7 or later. A command is only sent on a connection that stands, never queued for a later
 * one, and each is one script, which no other comes between.
 */
export class RedisCircuitStore implements CircuitStore {
  readonly #redis: CircuitRedis
  readonly #keyPrefix: string
  readonly #commandTimeoutMs: number
  readonly #retentionMs: number
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: RedisCircuitStoreOptions) {
    const { redis, keyPrefix, commandTimeoutMs, retentionMs, clock } = withDefaults(
      options,
      DEFAULT_REDIS_CIRCUIT_STORE_OPTIONS,
    )
    requireMethods('redis', redis, ['call', 'duplicate'])
    if (typeof keyPrefix !== 'string' || !/^[^{}]{1,200}$/.test(keyPrefix)) {
      throw new InvalidOptionError('keyPrefix', 'a string of 1 to 200 characters without braces', keyPrefix)
    }
    this.#redis = redis
    this.#keyPrefix = `{${keyPrefix}}`
    this.#commandTimeoutMs = requireInteger('commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 })
    this.#retentionMs = requireInteger('retentionMs', retentionMs, { min: 1000, max: 86_400_000 })
    this.#clock = clock
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async propose(proposal: CircuitProposal): Promise<ProposalAnswer> {
    const { name, knownEpoch, floorEpoch, status, remainingMs, cause, reason, author } = proposal
    const keys = ['circuits', 'open', 'expiry', `probe:${name}`, `votes:${name}`]
    const numbers = [proposal.quorum, proposal.quorumWindowMs, this.#retentionMs].map(String)
    const reply = await this.#run(PROPOSE, keys, [
      ...[name, String(knownEpoch), String(floorEpoch), status, String(Math.ceil(remainingMs))],
      ...[cause, reason, author, ...numbers, this.#channel],
    ])
    const [outcome, fact] = partsOf(reply)
    if (outcome === 'accepted') return { outcome, epoch: Number(fact) }
    if (outcome === 'awaiting-quorum') return { outcome, votes: Number(fact) }
    return { outcome: 'refused', circuit: this.#circuitOf(fact) }
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async read(names: readonly string[]): Promise<readonly SharedCircuit[]> {
    const reply = await this.#run(READ, ['circuits', 'open'], [String(READ_LIMIT), ...names])
    return partsOf(reply)
      .map(readCircuitText)
      .filter((circuit) => circuit !== undefined)
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async acquireProbe({ name, owner, knownEpoch, leaseMs }: ProbeRequest): Promise<ProbeAnswer> {
    const values = [name, String(knownEpoch), owner, String(leaseMs)]
    const [outcome, fact] = partsOf(await this.#run(ACQUIRE_PROBE, ['circuits', `probe:${name}`], values))
    if (outcome === 'granted') return { outcome }
    if (outcome === 'taken') return { outcome, remainingMs: Number(fact) }
    return { outcome: 'outdated', circuit: this.#circuitOf(fact) }
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async releaseProbe({ name, owner }: Pick<ProbeRequest, 'name' | 'owner'>): Promise<void> {
    await this.#run(RELEASE_PROBE, [`probe:${name}`], [owner])
  }

  /** Hears of changes on a connection of its own until closed. */
  subscribe(listener: CircuitStoreListener): CircuitSubscription {
    return new RedisCircuitSubscription(this.#redis, this.#channel, listener)
  }

  get #channel(): string {
    return `${this.#keyPrefix}:changes`
  }

  async #run(script: CircuitScript, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    const redis = this.#redis
    const rest = [String(keys.length), ...keys.map((key) => `${this.#keyPrefix}:${key}`), ...values]
    try {
      return await withDeadline({ timeoutMs: this.#commandTimeoutMs, clock: this.#clock }, async (signal) => {
        await untilReady(redis, signal)
        try {
          return await redis.call('EVALSHA', script.sha1, ...rest)
        } catch (error) {
          if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
          return await redis.call('EVAL', script.text, ...rest)
        }
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw this.#unavailable(`Redis gave no answer: ${reason}`, error)
    }
  }

  #circuitOf(fact: unknown): SharedCircuit {
    const circuit = readCircuitText(fact)
    if (circuit === undefined) throw this.#unavailable('Redis gave an unknown answer', undefined)
    return circuit
  }

  #unavailable(message: string, cause: unknown): StorageError {
    const details = { timeoutMs: this.#commandTimeoutMs }
    return StorageError.of('KEY_VALUE_UNAVAILABLE', message, { details, cause })
  }
}

function partsOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}
