import { describeWithService, randomName } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterAll, describe, expect, it } from 'vitest'
import { sleep } from '../../../time/index.ts'
import type { CircuitProposal } from '../../ports/circuit-store.ts'
import { describeCircuitStoreContract } from '../../testing/circuit-store.contract.ts'
import { RedisCircuitStore } from './redis-circuit-store.ts'

const SHORT: CircuitProposal = {
  ...{ name: 'short', knownEpoch: 0, floorEpoch: 0, status: 'open', remainingMs: 1 },
  ...{ cause: 'tripped', reason: 'r', author: 'a', quorum: 1, quorumWindowMs: 1000 },
}

/** A circuit as it lies in Redis, with something in it changed. */
function circuitText(changes: object): string {
  const times = { recovery: 1, reopens: '9999999999999', expires: '9999999999999' }
  return JSON.stringify({
    epoch: '9',
    status: 'open',
    cause: 'tripped',
    reason: 'r',
    author: 'a',
    ...times,
    ...changes,
  })
}

describeWithService('redis', 'Redis on a server', (address) => {
  const versions = [
    ['ioredis 6', () => new Redis(address)],
    ['ioredis 5', () => new Redis5(address)],
  ] as const

  describe.each(versions)('%s', (version, connect) => {
    const clients: { disconnect(): void }[] = []
    afterAll(() => {
      for (const client of clients) client.disconnect()
    })
    const open = (keyPrefix: string): RedisCircuitStore => {
      const redis = connect()
      clients.push(redis)
      return new RedisCircuitStore({ redis, keyPrefix, commandTimeoutMs: 10_000, retentionMs: 1000 })
    }

    describeCircuitStoreContract(`RedisCircuitStore on ${version}`, async () => {
      const keyPrefix = randomName('circuit')
      // Redis keeps its own time, so that this suite has to wait for it.
      return {
        stores: [open(keyPrefix), open(keyPrefix)],
        pass: (ms) => sleep(ms),
        close: async () => {},
      }
    })

    it('works on after Redis has forgotten the scripts', async () => {
      const store = open(randomName('circuit'))
      const admin = connect()
      clients.push(admin)
      expect(await store.propose(SHORT)).toMatchObject({ outcome: 'accepted' })
      await admin.call('SCRIPT', 'FLUSH')
      expect(await store.propose(SHORT)).toMatchObject({ outcome: 'refused' })
    })

    it.each([
      ['half-written JSON', '{"epoch":"17'],
      ['JSON of another kind', '[1]'],
      ['no instant to be forgotten at', '{"epoch":"9"}'],
      ['an instant that is none', '{"epoch":"9","expires":"soon"}'],
      ['a state that there is not', circuitText({ status: 'ajar' })],
      ['an epoch above any clock', circuitText({ epoch: '9007199254740991' })],
      ['an epoch that is no integer', circuitText({ epoch: '1.5' })],
      ['a recovery without an end', circuitText({ recovery: '1e999' })],
    ])(
      'a circuit in Redis with %s counts as none, hides no other, and is written anew',
      async (_what, text) => {
        const keyPrefix = randomName('circuit')
        const store = open(keyPrefix)
        const admin = connect()
        clients.push(admin)
        await store.propose({ ...SHORT, name: 'whole', remainingMs: 60_000 })
        await admin.call('HSET', `{${keyPrefix}}:circuits`, 'broken', text)
        await admin.call('ZADD', `{${keyPrefix}}:open`, '9999999999999', 'broken')
        expect((await store.read(['broken'])).map(({ name }) => name)).toEqual(['whole'])
        const request = { name: 'broken', owner: 'a', knownEpoch: 0, leaseMs: 1000 }
        expect(await store.acquireProbe(request)).toEqual({ outcome: 'granted' })
        const proposal = { ...SHORT, name: 'broken', remainingMs: 60_000 }
        expect(await store.propose(proposal)).toMatchObject({ outcome: 'accepted' })
        expect((await store.read(['broken'])).map(({ name }) => name).sort()).toEqual(['broken', 'whole'])
      },
    )

    it('forgets an open circuit some time after it could have closed', async () => {
      const keyPrefix = randomName('circuit')
      const store = open(keyPrefix)
      const first = await store.propose(SHORT)
      await sleep(1050)
      expect(await store.read(['short'])).toEqual([])
      const second = await store.propose({ ...SHORT, name: 'next' })
      const admin = connect()
      clients.push(admin)
      expect(await admin.call('HKEYS', `{${keyPrefix}}:circuits`)).toEqual(['next'])
      expect([first.outcome, second.outcome]).toEqual(['accepted', 'accepted'])
    })
  })
})
