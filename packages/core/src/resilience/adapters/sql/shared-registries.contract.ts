import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SqlDatabase } from '../../../storage/index.ts'
import { CircuitBreakerRegistry } from '../../registry/circuit-breaker-registry.ts'
import { order } from '../../testing/order.ts'
import { SqlCircuitPersistence } from './sql-circuit-persistence.ts'
import { SqlCircuitStore } from './sql-circuit-store.ts'

const SLOW_MACHINE = { timeout: 60_000 }

/** A database for registries to share. */
export interface SharedDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** Registers the tests of registries that share circuits by a database alone. `open` is called for each. */
export function describeSharedRegistries(title: string, open: () => Promise<SharedDatabase>): void {
  describe(`registries that share ${title}`, () => {
    let opened: SharedDatabase | undefined
    const registries: CircuitBreakerRegistry[] = []
    const start = async (): Promise<CircuitBreakerRegistry> => {
      const { database } = opened as SharedDatabase
      const registry = new CircuitBreakerRegistry({
        shared: new SqlCircuitStore({ database, pollIntervalMs: 10, commandTimeoutMs: 60_000 }),
        persistence: new SqlCircuitPersistence({ database }),
        failureThreshold: 1,
      })
      registries.push(registry)
      await registry.start()
      return registry
    }
    // What one test holds or resets is told to all who listen: each has a database of its own.
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(async () => {
      for (const registry of registries.splice(0)) await registry.close()
      await opened?.close()
      opened = undefined
    })
    const fail = (): Promise<never> => Promise.reject(new Error('down'))

    it('a circuit that one process opened is open in the others, and a reset by another closes it everywhere', async () => {
      const [runtime, gateway] = [await start(), await start()]
      const [here, there] = [runtime.get('model'), gateway.get('model')]
      await expect(here.execute(fail)).rejects.toThrow('down')
      await vi.waitFor(() => expect(there.state.status).toBe('open'), SLOW_MACHINE)
      expect(gateway.reset('model')).toBe(1)
      expect(there.state.status).toBe('closed')
      await vi.waitFor(() => expect(here.state.status).toBe('closed'), SLOW_MACHINE)
    })

    it('a hold by hand reaches a process without the circuit, and those that start later', async () => {
      const [first, second] = [await start(), await start()]
      first.get('tool')
      first.forceOpen('tool', order('maintenance'))
      await vi.waitFor(() => expect(second.get('tool').state.status).toBe('forced-open'), SLOW_MACHINE)
      const third = await start()
      await vi.waitFor(() => expect(third.get('tool').state.status).toBe('forced-open'), SLOW_MACHINE)
      third.resetAll()
      await vi.waitFor(() => expect(first.get('tool').state.status).toBe('closed'), SLOW_MACHINE)
    })

    it('a hold of a pattern reaches the circuits of others that fit it, and a reset of all lifts it', async () => {
      const [first, second] = [await start(), await start()]
      const tool = second.get('pattern/a')
      first.forceOpen('pattern/*', order('maintenance'))
      await vi.waitFor(() => expect(tool.state.status).toBe('forced-open'), SLOW_MACHINE)
      expect(second.get('pattern/later').state.status).toBe('forced-open')
      first.resetAll()
      await vi.waitFor(() => expect(tool.state.status).toBe('closed'), SLOW_MACHINE)
    })

    it('who has missed changes that are kept no more reads everything anew', async () => {
      const { database } = opened as SharedDatabase
      const store = new SqlCircuitStore({ database, pollIntervalMs: 10, commandTimeoutMs: 60_000 })
      const told: string[] = []
      const subscription = store.subscribe({
        changed: ({ name }) => void told.push(name),
        subscribed: () => void told.push('subscribed'),
        lost: () => void told.push('lost'),
      })
      await vi.waitFor(() => expect(told).toContain('subscribed'), SLOW_MACHINE)
      await database.query('UPDATE circuit_change_head SET position = position + 3')
      await vi.waitFor(() => expect(told).toEqual(['subscribed', 'lost', 'subscribed']), SLOW_MACHINE)
      await subscription.close()
    })

    it('a reason of any length and any letters is told, as far as it can be stored', async () => {
      const { database } = opened as SharedDatabase
      const store = new SqlCircuitStore({ database, commandTimeoutMs: 60_000 })
      const held = { status: 'forced-open', cause: 'forced', remainingMs: 0, author: 'a' } as const
      const order = { ...held, knownEpoch: 0, floorEpoch: 0, quorum: 1, quorumWindowMs: 1000 }
      await store.propose({ ...order, name: 'long', reason: `\0${'😀'.repeat(300)}` })
      await store.propose({ ...order, name: 'none', reason: '' })
      const reasons = (await store.read(['long', 'none'])).map(({ name, reason }) => [name, reason])
      expect(reasons).toContainEqual(['long', ` ${'😀'.repeat(255)}`])
      expect(reasons).toContainEqual(['none', 'unknown'])
    })
  })
}
