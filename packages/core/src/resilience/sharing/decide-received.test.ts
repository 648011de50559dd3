import { describe, expect, it } from 'vitest'
import type { SharedCircuit } from '../ports/circuit-store.ts'
import type { CircuitRecord } from './circuit-record.ts'
import { decideReceived, isLostByOthers } from './decide-received.ts'

const AGREED: CircuitRecord = {
  ...{ epoch: 5, status: 'open', reopenAtMs: 1000, recoveryTimeoutMs: 1000, cause: 'tripped' },
  ...{ reason: 'r', failureCount: 5, isOwn: false, revision: 1, writtenEpoch: 0 },
}
const OWN: CircuitRecord = { ...AGREED, isOwn: true }
const THEIRS: SharedCircuit = {
  ...{ name: 'x', epoch: 6, status: 'closed', remainingMs: 0, cause: 'probes-succeeded' },
  ...{ reason: 'r', author: 'other' },
}

describe('decideReceived', () => {
  const cases: readonly [string, CircuitRecord | undefined, Partial<SharedCircuit>, string][] = [
    ['an older epoch', AGREED, { epoch: 4 }, 'ignore'],
    ['the same epoch again', OWN, { epoch: 5 }, 'ignore'],
    ['a closed circuit of which nothing is known', undefined, {}, 'ignore'],
    ['an open circuit of which nothing is known', undefined, { status: 'open' }, 'adopt'],
    ['anything newer than what was agreed', AGREED, {}, 'adopt'],
    ['our own change, seen from outside', OWN, { author: 'self', status: 'open' }, 'agree'],
    ['our own change from before the present one, however late', OWN, { author: 'self' }, 'insist'],
    ['that a circuit is closed, while we have just counted its failures', OWN, {}, 'insist'],
    ['that it is open, as it is here', OWN, { status: 'open', cause: 'tripped' }, 'adopt'],
    ['that a probe closed it, after ours failed', { ...OWN, cause: 'probe-failed' }, {}, 'adopt'],
    [
      'that it is open, after our probe closed it',
      { ...OWN, status: 'closed', cause: 'probes-succeeded' },
      { status: 'open', cause: 'probe-failed' },
      'adopt',
    ],
    ['that a person reset it, whatever we counted before', OWN, { cause: 'reset' }, 'adopt'],
    ['that a person holds it', OWN, { status: 'forced-closed', cause: 'forced' }, 'adopt'],
    ['what calls brought about, where a person decided here', { ...OWN, cause: 'forced' }, {}, 'insist'],
    ['what a person did before a person here', { ...OWN, cause: 'reset' }, { cause: 'forced' }, 'insist'],
  ]
  it.each(cases)('on hearing %s', (_what, record, change, decision) => {
    expect(decideReceived(record, { ...THEIRS, ...change }, 'self')).toBe(decision)
  })
})

describe('isLostByOthers', () => {
  const held: CircuitRecord = { ...AGREED, status: 'forced-open' }
  const cases: readonly [string, CircuitRecord, Partial<SharedCircuit> | undefined, boolean][] = [
    ['an open circuit of which they know nothing', AGREED, undefined, true],
    ['one whose recovery time is over', { ...AGREED, reopenAtMs: 500 }, undefined, false],
    ['a closed one', { ...AGREED, status: 'closed' }, undefined, false],
    ['one that a person holds', held, undefined, true],
    ['one of which they know an older state', AGREED, { epoch: 4 }, true],
    ['one that they know at an older epoch as it is', AGREED, { epoch: 4, status: 'open' }, false],
    ['one of which they know more', AGREED, {}, false],
  ]
  it.each(cases)('of %s', (_what, record, theirs, expected) => {
    const found = theirs === undefined ? undefined : { ...THEIRS, ...theirs }
    expect(isLostByOthers(record, found, 500)).toBe(expected)
  })
})
