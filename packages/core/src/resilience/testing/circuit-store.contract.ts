import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CircuitProposal, CircuitStore, ProposalAnswer, SharedCircuit } from '../ports/circuit-store.ts'

/** A store under test. */
export interface CircuitStoreUnderTest {
  /** The store as each of several processes sees it, at least two. */
  readonly stores: readonly [CircuitStore, CircuitStore, ...CircuitStore[]]
  /** Lets at least `ms` milliseconds pass on the clock of the store. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** Registers the tests that every {@link CircuitStore} must pass. `open` is called once; names are random. */
export function describeCircuitStoreContract(
  title: string,
  open: () => Promise<CircuitStoreUnderTest>,
): void {
  describe(`${title} as CircuitStore`, () => {
    let opened: CircuitStoreUnderTest | undefined
    const subject = (): CircuitStoreUnderTest => {
      if (opened === undefined) throw new Error('the store has not been opened')
      return opened
    }
    const [store, other] = [() => subject().stores[0], () => subject().stores[1]]
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })

    const find = async (name: string, from = store()): Promise<SharedCircuit | undefined> =>
      (await from.read([name])).find((circuit) => circuit.name === name)

    it('an accepted change is what every process reads, with the time that remains', async () => {
      const name = randomUUID()
      const epoch = accepted(await store().propose(open30s(name)))
      expect(epoch).toBeGreaterThan(1_000_000_000_000)
      const circuit = await find(name, other())
      expect(circuit).toMatchObject({ name, epoch, status: 'open', cause: 'tripped', author: 'a' })
      expect(circuit?.reason).toBe('consecutive "failures" ü')
      expect(circuit?.remainingMs).toBeGreaterThan(25_000)
      expect(circuit?.remainingMs).toBeLessThanOrEqual(30_000)
    })

    it('of many changes from one epoch exactly one is accepted, and the others learn of it', async () => {
      const name = randomUUID()
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          subject().stores[index % 2]?.propose({ ...open30s(name), author: `process-${index}` }),
        ),
      )
      const epochs = answers.filter((answer) => answer?.outcome === 'accepted')
      expect(epochs).toHaveLength(1)
      const refused = answers.filter((answer) => answer?.outcome === 'refused')
      expect(refused).toHaveLength(39)
      expect(new Set(refused.map((answer) => answer.circuit.epoch))).toEqual(
        new Set(epochs.map((answer) => answer.epoch)),
      )
    })

    it('each epoch is above the one before and above the floor', async () => {
      const name = randomUUID()
      const first = accepted(await store().propose(open30s(name)))
      const floorEpoch = first + 5_000_000
      const second = accepted(await other().propose({ ...closed(name, first), floorEpoch }))
      expect(second).toBe(floorEpoch + 1)
      const third = accepted(await store().propose({ ...open30s(name), knownEpoch: second }))
      expect(third).toBe(second + 1)
    })

    it('a change on top of an older epoch is refused with the newer one', async () => {
      const name = randomUUID()
      const first = accepted(await store().propose(open30s(name)))
      const second = accepted(await store().propose(closed(name, first)))
      const answer = await other().propose({ ...open30s(name), knownEpoch: first, cause: 'probe-failed' })
      expect(answer).toMatchObject({
        outcome: 'refused',
        circuit: { status: 'closed', epoch: second, remainingMs: 0 },
      })
    })

    it('a closed circuit is told of only when it is asked for', async () => {
      const name = randomUUID()
      const first = accepted(await store().propose(open30s(name)))
      expect((await other().read([])).map((circuit) => circuit.name)).toContain(name)
      accepted(await store().propose(closed(name, first)))
      expect((await other().read([])).map((circuit) => circuit.name)).not.toContain(name)
      expect(await find(name, other())).toMatchObject({ status: 'closed' })
    })

    it('closing what nobody knows to be open changes nothing', async () => {
      const name = randomUUID()
      expect(accepted(await store().propose(closed(name, 0)))).toBe(0)
      expect(await find(name)).toBeUndefined()
      expect(accepted(await store().propose(closed(name, 12)))).toBeGreaterThan(12)
      expect(await find(name)).toMatchObject({ status: 'closed' })
    })

    it('with a quorum of two, one process that trips twice is one, and another opens it for all', async () => {
      const name = randomUUID()
      const vote = { ...open30s(name), quorum: 2 }
      expect(await store().propose(vote)).toEqual({ outcome: 'awaiting-quorum', votes: 1 })
      expect(await store().propose(vote)).toEqual({ outcome: 'awaiting-quorum', votes: 1 })
      expect(await find(name)).toBeUndefined()
      accepted(await other().propose({ ...vote, author: 'b' }))
      expect(await find(name)).toMatchObject({ status: 'open', author: 'b' })
    })

    it('a vote counts no longer once its window is over or its process has closed again', async () => {
      const name = randomUUID()
      const vote = { ...open30s(name), quorum: 2, quorumWindowMs: 100 }
      await store().propose(vote)
      await subject().pass(150)
      const next = { ...vote, author: 'b' }
      expect(await other().propose(next)).toEqual({ outcome: 'awaiting-quorum', votes: 1 })
      accepted(await other().propose({ ...closed(name, 0), author: 'b' }))
      expect(await store().propose(vote)).toEqual({ outcome: 'awaiting-quorum', votes: 1 })
    })

    it('the probe lease has one owner, who may prolong it, until it ends or is given back', async () => {
      const name = randomUUID()
      const a = { name, owner: 'a', knownEpoch: 0, leaseMs: 60_000 }
      const b = { ...a, owner: 'b', leaseMs: 100 }
      expect(await store().acquireProbe(a)).toEqual({ outcome: 'granted' })
      expect(await store().acquireProbe(a)).toEqual({ outcome: 'granted' })
      const taken = await other().acquireProbe(b)
      expect(taken.outcome === 'taken' && taken.remainingMs).toBeGreaterThan(30_000)
      await other().releaseProbe(b)
      expect(await other().acquireProbe(b)).toMatchObject({ outcome: 'taken' })
      await store().releaseProbe(a)
      expect(await other().acquireProbe(b)).toEqual({ outcome: 'granted' })
      await subject().pass(150)
      expect(await store().acquireProbe(a)).toEqual({ outcome: 'granted' })
      await other().releaseProbe(b)
      expect(await other().acquireProbe(b)).toMatchObject({ outcome: 'taken' })
    })

    it('a change takes back the lease of its author, not that of another', async () => {
      const name = randomUUID()
      const knownEpoch = accepted(await store().propose(open30s(name)))
      const a = { name, owner: 'a', knownEpoch, leaseMs: 60_000 }
      const b = { ...a, owner: 'b' }
      await store().acquireProbe(a)
      const change = { ...open30s(name), knownEpoch, author: 'b' }
      const second = accepted(await other().propose(change))
      expect(await other().acquireProbe({ ...b, knownEpoch: second })).toMatchObject({ outcome: 'taken' })
      const third = accepted(await store().propose(closed(name, second)))
      expect(await other().acquireProbe({ ...b, knownEpoch: third })).toEqual({ outcome: 'granted' })
    })

    it('who has missed a decision gets no lease, but the decision', async () => {
      const name = randomUUID()
      const first = accepted(await store().propose(open30s(name)))
      const second = accepted(await store().propose(closed(name, first)))
      const request = { name, owner: 'b', knownEpoch: first, leaseMs: 60_000 }
      expect(await other().acquireProbe(request)).toMatchObject({
        outcome: 'outdated',
        circuit: { epoch: second, status: 'closed' },
      })
      expect(await other().acquireProbe({ ...request, knownEpoch: second })).toEqual({ outcome: 'granted' })
    })

    it('subscribers hear of every change, held circuits and resets included, until they close', async () => {
      const name = randomUUID()
      const heard: SharedCircuit[] = []
      let isSubscribed = false
      const subscription = other().subscribe({
        changed: (circuit) => void (circuit.name === name && heard.push(circuit)),
        subscribed: () => {
          isSubscribed = true
        },
        lost: () => {},
      })
      await vi.waitFor(() => expect(isSubscribed).toBe(true), { timeout: 10_000 })
      const first = accepted(await store().propose(open30s(name)))
      const held = { ...open30s(name), status: 'forced-open', cause: 'forced', remainingMs: 0 } as const
      const second = accepted(await store().propose({ ...held, knownEpoch: first }))
      const third = accepted(await store().propose({ ...closed(name, second), cause: 'reset' }))
      const fourth = accepted(await store().propose({ ...closed(name, third), cause: 'reset' }))
      await vi.waitFor(() => expect(heard).toHaveLength(4), { timeout: 10_000 })
      expect(heard.map(({ epoch, status }) => [epoch, status])).toEqual([
        [first, 'open'],
        [second, 'forced-open'],
        [third, 'closed'],
        [fourth, 'closed'],
      ])
      expect(heard[0]?.remainingMs).toBe(30_000)
      await subscription.close()
      accepted(await store().propose({ ...open30s(name), knownEpoch: fourth }))
      expect(await find(name)).toMatchObject({ status: 'open' })
      expect(heard).toHaveLength(4)
    })
  })
}

function open30s(name: string): CircuitProposal {
  return {
    ...{ name, knownEpoch: 0, floorEpoch: 0, quorum: 1, quorumWindowMs: 60_000 },
    ...{ status: 'open', remainingMs: 30_000, cause: 'tripped', author: 'a' },
    reason: 'consecutive "failures" ü',
  }
}

function closed(name: string, knownEpoch: number): CircuitProposal {
  const change = { status: 'closed', remainingMs: 0, cause: 'probes-succeeded' } as const
  return { ...open30s(name), ...change, knownEpoch, floorEpoch: knownEpoch }
}

function accepted(answer: ProposalAnswer): number {
  if (answer.outcome !== 'accepted') throw new Error(`the proposal is ${answer.outcome}`)
  return answer.epoch
}
