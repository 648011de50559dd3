import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CircuitProposal } from '../../ports/circuit-store.ts'
import { decideProposal } from './decide-proposal.ts'

const NOW_MS = 1_700_000_000_000
const proposals: fc.Arbitrary<CircuitProposal> = fc
  .record({
    name: fc.constant('model'),
    knownEpoch: fc.nat(10),
    ahead: fc.nat(5),
    quorum: fc.integer({ min: 1, max: 3 }),
    quorumWindowMs: fc.constant(1000),
    status: fc.constantFrom('closed', 'open', 'forced-open', 'forced-closed', 'disabled'),
    remainingMs: fc.nat(1000),
    cause: fc.constantFrom('tripped', 'probe-failed', 'probes-succeeded', 'forced', 'reset'),
    reason: fc.constant('r'),
    author: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ ahead, ...proposal }) => ({ ...proposal, floorEpoch: proposal.knownEpoch + ahead }))
const agreements = fc.option(fc.record({ epoch: fc.integer({ min: 1, max: 12 }), isClosed: fc.boolean() }), {
  nil: undefined,
})
const voters = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'))

it('refuses exactly what knows less than is stored', () => {
  fc.assert(
    fc.property(proposals, agreements, voters, (proposal, stored, votes) => {
      const { outcome } = decideProposal(proposal, stored, votes, NOW_MS)
      expect(outcome === 'refused').toBe((stored?.epoch ?? 0) > proposal.knownEpoch)
    }),
  )
})

it('gives an epoch above all that is known, and not below the time', () => {
  fc.assert(
    fc.property(proposals, agreements, voters, fc.nat(20), (proposal, stored, votes, nowMs) => {
      const ruling = decideProposal(proposal, stored, votes, nowMs)
      if (ruling.outcome !== 'accepted') return
      expect(ruling.epoch).toBeGreaterThan(Math.max(stored?.epoch ?? 0, proposal.floorEpoch))
      expect(ruling.epoch).toBeGreaterThanOrEqual(nowMs)
    }),
  )
})

it('opens on a trip only with as many processes as the quorum says, and counts none twice', () => {
  fc.assert(
    fc.property(proposals, voters, (given, votes) => {
      const proposal = { ...given, cause: 'tripped', status: 'open' } as const
      const { outcome } = decideProposal(proposal, undefined, votes, NOW_MS)
      const count = new Set([...votes, proposal.author]).size
      expect(outcome).toBe(count >= proposal.quorum ? 'accepted' : 'awaiting-quorum')
    }),
  )
})

it('a circuit that is open for all needs no quorum to stay so', () => {
  const trip = { status: 'open', cause: 'tripped', remainingMs: 1, reason: 'r', author: 'a' } as const
  const proposal = { ...trip, name: 'model', knownEpoch: 5, floorEpoch: 5, quorum: 3, quorumWindowMs: 1000 }
  expect(decideProposal(proposal, { epoch: 5, isClosed: false }, [], NOW_MS).outcome).toBe('accepted')
})
