/** A process of a cluster that shares circuits through Redis. Its orders come, and its answers go, over the channel of fork. */
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { RedisCircuitStore } from '../../adapters/redis/redis-circuit-store.ts'
import type { CircuitBreakerRules } from '../../circuit-breaker-options.ts'
import { CircuitBreakerRegistry } from '../../registry/circuit-breaker-registry.ts'
import { CallLoad, type LoadFigures } from './call-load.ts'

/** How the process is set up: by the first message. */
export interface ClusterProcessSetup {
  readonly address: string
  readonly keyPrefix: string
  /** Registries in the process, each with a connection of its own, as if each were a process. */
  readonly members: number
  readonly rules: CircuitBreakerRules
  readonly commandTimeoutMs: number
}

/** What the process is to do with the circuit `name`. */
export type ClusterOrder =
  | { readonly act: 'know' | 'trip' | 'reset' | 'status' | 'contend'; readonly name: string }
  | { readonly act: 'startLoad' | 'stopLoad' | 'close' }

/** What it answers: by circuits, since when each member has seen the state it is in now, by the machine's clock. */
export interface ClusterAnswer {
  readonly statuses: readonly string[]
  readonly sinceMs: readonly number[]
  /** Probes that members made while contending. */
  readonly probes: number
  readonly load: LoadFigures | undefined
}

interface Member {
  readonly redis: Redis
  readonly registry: CircuitBreakerRegistry
  readonly changedAtMs: Map<string, number>
}

const RECONNECT_MS = 50
const PROBE_MS = 5

const members: Member[] = []
const load = new CallLoad()

process.on('message', (message) => {
  // The parent sends a setup first, and then one order at a time.
  const task = members.length === 0 ? setUp(message as ClusterProcessSetup) : obey(message as ClusterOrder)
  task.then(
    (answer) => (answer === undefined ? process.disconnect() : process.send?.(answer)),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

async function setUp(setup: ClusterProcessSetup): Promise<ClusterAnswer> {
  const { address, keyPrefix, rules, commandTimeoutMs } = setup
  for (let index = 0; index < setup.members; index++) {
    const redis = new Redis(address, { retryStrategy: () => RECONNECT_MS, maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    const shared = new RedisCircuitStore({ redis, keyPrefix, commandTimeoutMs })
    const registry = new CircuitBreakerRegistry({ ...rules, shared, sharing: { probeLeaseMs: 60_000 } })
    const changedAtMs = new Map<string, number>()
    registry.on('circuit.changed', ({ name }) => void changedAtMs.set(name, machineMs()))
    members.push({ redis, registry, changedAtMs })
  }
  await Promise.all(members.map(({ registry }) => registry.start()))
  return answerOf('none')
}

/** Does what it is told; no answer is the last one. */
async function obey(order: ClusterOrder): Promise<ClusterAnswer | undefined> {
  switch (order.act) {
    case 'know':
    case 'status':
      return answerOf(order.name)
    case 'reset':
      members[0]?.registry.get(order.name).reset()
      return answerOf(order.name)
    case 'trip':
      await trip(order.name)
      return answerOf(order.name)
    case 'contend': {
      const probes = await Promise.all(members.map((member) => contend(member, order.name)))
      return answerOf(order.name, sum(probes))
    }
    case 'startLoad':
      load.start(members.map(({ registry }) => registry))
      return answerOf('none')
    case 'stopLoad':
      return { ...answerOf('none'), load: await load.stop() }
    case 'close':
      await Promise.all(members.map(({ registry }) => registry.close()))
      for (const { redis } of members) redis.disconnect()
      return undefined
  }
}

/** Lets calls of the first member fail until the circuit is open. */
async function trip(name: string): Promise<void> {
  const breaker = members[0]?.registry.get(name)
  while (breaker?.state.status === 'closed') {
    await breaker.execute(() => Promise.reject(new Error('the service is down'))).catch(() => undefined)
  }
}

/** Calls until the circuit is closed; how many of the calls were probes. */
async function contend({ registry }: Member, name: string): Promise<number> {
  const breaker = registry.get(name)
  let probes = 0
  while (breaker.state.status !== 'closed') {
    const call = async (): Promise<void> => {
      if (breaker.state.status === 'half-open') probes++
      await delay(PROBE_MS)
    }
    await breaker.execute(call).catch(() => undefined)
    await delay(1)
  }
  return probes
}

function answerOf(name: string, probes = 0): ClusterAnswer {
  return {
    statuses: members.map(({ registry }) => registry.get(name).state.status),
    sinceMs: members.map(({ changedAtMs }) => changedAtMs.get(name) ?? 0),
    probes,
    load: undefined,
  }
}

/** Milliseconds by a clock that all processes of the machine share and nobody sets. */
function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
