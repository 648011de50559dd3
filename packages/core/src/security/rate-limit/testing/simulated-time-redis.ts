import { createHash } from 'node:crypto'
import type { RedisClient } from '../../../storage/index.ts'
import { GCRA, SLIDING_LOG } from '../adapters/redis/rate-limit-scripts.ts'

/** What became of a call, by the true time of the simulation in microseconds. */
export interface SimulatedDecision {
  readonly key: string
  readonly allowed: boolean
  readonly atMicros: number
}

/** How time goes on before a call: what truly passes (not negative), and how far Redis's clock is set. */
export interface TimeStep {
  readonly micros: number
  readonly jumpMicros: number
}

const NO_STEP: TimeStep = { micros: 0, jumpMicros: 0 }

/** The instant at which a simulation starts: with as many digits as today's. */
const START_MICROS = 1_800_000_000_000_000

/** The same scripts, but that they go by a clock that stands in Redis, and tell when they decided. */
const SIMULATED: ReadonlyMap<string, { readonly text: string; readonly sha1: string }> = new Map(
  [SLIDING_LOG, GCRA].map((script) => {
    const asked = script.text.replace("redis.call('TIME')", 'simulated_time()')
    if (asked === script.text) throw new Error('the script does not ask for the time')
    const text = `
local passed
local function simulated_time()
  passed = redis.call('INCRBY', KEYS[2], ARGV[3])
  local shown = passed + redis.call('INCRBY', KEYS[3], ARGV[4]) + ${START_MICROS}
  return {string.format('%.0f', math.floor(shown / 1000000)), string.format('%.0f', shown % 1000000)}
end
local function decide() ${asked} end
local reply = decide()
reply[4] = passed
return reply`
    return [script.sha1, { text, sha1: createHash('sha1').update(text).digest('hex') }]
  }),
)

/** A client of a real Redis on which the limiters' own scripts run by a simulated clock, shared by all who name it. */
export class SimulatedTimeRedis implements RedisClient {
  readonly decisions: SimulatedDecision[] = []
  readonly #redis: RedisClient
  readonly #clockKey: string
  #nextStep: () => TimeStep

  constructor(redis: RedisClient, clockKey: string, nextStep: () => TimeStep = () => NO_STEP) {
    this.#redis = redis
    this.#clockKey = clockKey
    this.#nextStep = nextStep
  }

  get status(): string {
    return this.#redis.status
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.#redis.call('INCRBY', this.#clockKey, String(ms * 1000))
  }

  /** Sets Redis's clock, by which nobody's time passes. */
  async jump(ms: number): Promise<void> {
    await this.#redis.call('INCRBY', `${this.#clockKey}:shown`, String(ms * 1000))
  }

  async call(command: string, ...args: string[]): Promise<unknown> {
    const [sha1 = '', count, key = '', limit = '', window = ''] = args
    const script = SIMULATED.get(sha1)
    if (command !== 'EVALSHA' || script === undefined || count !== '1') {
      throw new Error(`a simulated Redis has no ${command} ${sha1}`)
    }
    const { micros, jumpMicros } = this.#nextStep()
    const keys = [key, this.#clockKey, `${this.#clockKey}:shown`]
    const rest = ['3', ...keys, limit, window, String(micros), String(jumpMicros)]
    const reply = await this.#redis.call('EVALSHA', script.sha1, ...rest).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return this.#redis.call('EVAL', script.text, ...rest)
    })
    const [isAllowed, remaining, waitMs, atMicros] = Array.isArray(reply) ? reply.map(Number) : []
    this.decisions.push({ key, allowed: isAllowed === 1, atMicros: atMicros ?? Number.NaN })
    return [isAllowed, remaining, waitMs]
  }

  connect(): Promise<unknown> {
    return this.#redis.connect()
  }

  once(event: 'ready' | 'end', listener: () => void): unknown {
    return this.#redis.once(event, listener)
  }

  removeListener(event: 'ready' | 'end', listener: () => void): unknown {
    return this.#redis.removeListener(event, listener)
  }
}
