import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CircuitPersistence, PersistedCircuit } from '../ports/circuit-persistence.ts'
import { CircuitBreakerRegistry } from '../registry/circuit-breaker-registry.ts'

/** A persistence under test. */
export interface CircuitPersistenceUnderTest {
  readonly persistence: CircuitPersistence
  close(): Promise<void>
}

/** Registers the tests that every {@link CircuitPersistence} must pass. `open` is called once; names are random. */
export function describeCircuitPersistenceContract(
  title: string,
  open: () => Promise<CircuitPersistenceUnderTest>,
): void {
  describe(`${title} as CircuitPersistence`, () => {
    let opened: CircuitPersistenceUnderTest | undefined
    const persistence = (): CircuitPersistence => {
      if (opened === undefined) throw new Error('the persistence has not been opened')
      return opened.persistence
    }
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })
    const find = async (name: string): Promise<PersistedCircuit | undefined> =>
      (await persistence().load()).find((circuit) => circuit.name === name)

    it('remembers an open circuit for the time that remains, and no longer', async () => {
      const circuit = openCircuit()
      await persistence().save([circuit])
      const found = await find(circuit.name)
      expect(found).toMatchObject({ ...circuit, remainingMs: expect.any(Number) })
      expect(found?.remainingMs).toBeGreaterThan(10_000)
      expect(found?.remainingMs).toBeLessThanOrEqual(20_000)
      const over = openCircuit({ remainingMs: -5000 })
      await persistence().save([over])
      expect(await find(over.name)).toMatchObject({ status: 'open', remainingMs: 0 })
    })

    it('leaves out what is older than what is stored', async () => {
      const circuit = openCircuit({ epoch: 7 })
      await persistence().save([circuit])
      await persistence().save([{ ...circuit, epoch: 6, reason: 'older' }])
      expect(await find(circuit.name)).toMatchObject({ epoch: 7, reason: 'consecutive-failures' })
      await persistence().save([{ ...circuit, epoch: 8, reason: 'newer' }])
      expect(await find(circuit.name)).toMatchObject({ epoch: 8, reason: 'newer' })
    })

    it('of several processes that write one epoch, keeps the one that counted the failures', async () => {
      const circuit = openCircuit({ failureCount: 0 })
      await persistence().save([circuit])
      await persistence().save([{ ...circuit, failureCount: 5 }])
      await persistence().save([circuit])
      expect(await find(circuit.name)).toMatchObject({ failureCount: 5 })
    })

    it('forgets a circuit that has closed, and remembers it when it opens again', async () => {
      const circuit = openCircuit()
      const epoch = circuit.epoch
      await persistence().save([circuit])
      await persistence().save([{ ...circuit, epoch: epoch + 1, status: 'closed', recoveryTimeoutMs: 0 }])
      expect(await find(circuit.name)).toBeUndefined()
      await persistence().save([{ ...circuit, epoch: epoch + 2 }])
      expect(await find(circuit.name)).toMatchObject({ status: 'open', epoch: epoch + 2 })
    })

    it.each(['forced-open', 'forced-closed', 'disabled'] as const)(
      'remembers that a circuit is %s, and by whom',
      async (status) => {
        const held = { status, remainingMs: 0, recoveryTimeoutMs: 0, reason: 'alice: maintenance' }
        const circuit = openCircuit(held)
        await persistence().save([circuit])
        expect(await find(circuit.name)).toEqual(circuit)
      },
    )

    it('lets a registry that starts again know the open circuit for the time that remains', async () => {
      const name = randomUUID()
      const before = new CircuitBreakerRegistry({ persistence: persistence(), failureThreshold: 2 })
      await before.start()
      const fail = (): Promise<never> => Promise.reject(new Error('the service is down'))
      for (const _time of [1, 2]) await expect(before.get(name).execute(fail)).rejects.toThrow('down')
      await before.close()
      const after = new CircuitBreakerRegistry({ persistence: persistence(), failureThreshold: 2 })
      await after.start()
      const answer = after.get(name).execute(() => 'made')
      await expect(answer).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' })
      const { retryAfterMs } = await answer.catch((error) => error)
      expect(retryAfterMs).toBeGreaterThan(20_000)
      expect(retryAfterMs).toBeLessThanOrEqual(30_000)
      after.get(name).reset()
      await after.close()
      expect(await find(name)).toBeUndefined()
    })

    it('writes many at once, in any order, from several sides', async () => {
      const circuits = Array.from({ length: 600 }, () => openCircuit())
      await Promise.all([persistence().save(circuits), persistence().save(circuits.toReversed())])
      const names = new Set((await persistence().load()).map(({ name }) => name))
      expect(circuits.filter(({ name }) => !names.has(name))).toEqual([])
      await persistence().save([])
    })
  })
}

function openCircuit(change: Partial<PersistedCircuit> = {}): PersistedCircuit {
  return {
    ...{ name: randomUUID(), epoch: Date.now(), status: 'open', reason: 'consecutive-failures' },
    ...{ remainingMs: 20_000, recoveryTimeoutMs: 30_000, failureCount: 5 },
    ...change,
  }
}
