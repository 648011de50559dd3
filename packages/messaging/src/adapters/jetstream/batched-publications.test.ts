import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, test } from 'vitest'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { BatchedPublications } from './batched-publications.ts'

const message = (messageId: string, subject = 'task.done'): OutgoingMessage => ({
  subject,
  messageId,
  payload: new Uint8Array(),
})
const receipt = (sequence: number): Receipt => ({
  stream: 'TASKS',
  sequence: String(sequence),
  isDuplicate: false,
})

function setUp() {
  const clock = new FakeClock()
  const batches: string[][] = []
  const alone: string[] = []
  let isRefusing = false
  let held: Promise<void> = Promise.resolve()
  const publications = new BatchedPublications({
    async together(messages) {
      batches.push(messages.map(({ messageId }) => messageId))
      await held
      return isRefusing ? undefined : messages.map((_one, index) => receipt(index + 1))
    },
    async alone({ messageId }) {
      alone.push(messageId)
      await held
      if (messageId === 'bad') throw new Error('too large')
      return { ...receipt(9), isDuplicate: messageId === 'known' }
    },
  })
  publications.accept('TASKS', ['task.>'])
  return {
    batches,
    alone,
    clock,
    publications,
    publish: (id: string, signal?: AbortSignal) =>
      publications.publish(message(id), { timeoutMs: 1000, clock, signal }),
    refuse: () => {
      isRefusing = true
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
  }
}

test('no batch has more than 16 MiB, but for a message that has more by itself', async () => {
  const { publications, clock, batches, alone } = setUp()
  const MIB = 1_048_576
  // The bytes are never written, so that they cost no memory.
  const publish = (messageId: string, mib: number) =>
    publications.publish(
      {
        ...message(messageId),
        payload: Object.create(Uint8Array.prototype, { byteLength: { value: mib * MIB } }),
      },
      { timeoutMs: 1000, clock },
    )
  await Promise.all([publish('a', 8), publish('b', 8), publish('c', 1), publish('d', 32), publish('e', 1)])
  expect(batches).toEqual([['a', 'b']])
  expect(alone).toEqual(['c', 'd', 'e'])
})

test('what is published at once is one batch, and each message has its own receipt', async () => {
  const { publish, batches } = setUp()
  const receipts = await Promise.all(['a', 'b', 'c'].map((id) => publish(id)))
  expect(batches).toEqual([['a', 'b', 'c']])
  expect(receipts).toEqual([receipt(1), receipt(2), receipt(3)])
})

test('one message alone is no batch, and what comes while it is stored is the next', async () => {
  const { publish, hold, batches, alone } = setUp()
  const release = hold()
  const first = publish('a')
  await expect.poll(() => alone).toEqual(['a'])
  const others = [publish('b'), publish('c')]
  release()
  await Promise.all([first, ...others])
  expect(batches).toEqual([['b', 'c']])
})

test('a refused batch is published one by one: a message stored before and one that fails are told apart', async () => {
  const { publish, refuse, alone } = setUp()
  refuse()
  const [good, known, bad] = await Promise.allSettled(['good', 'known', 'bad'].map((id) => publish(id)))
  expect(alone).toEqual(['good', 'known', 'bad'])
  expect(good).toMatchObject({ value: { isDuplicate: false } })
  expect(known).toMatchObject({ value: { isDuplicate: true } })
  expect(bad).toMatchObject({ reason: { message: 'too large' } })
})

test('who gives up waits no more, and what was not sent by then is not sent', async () => {
  const { publish, hold, clock, batches, alone } = setUp()
  const release = hold()
  const first = publish('a')
  await expect.poll(() => alone).toEqual(['a'])
  const stopping = new AbortController()
  const [late, ended] = [publish('late'), publish('ended', stopping.signal)]
  stopping.abort()
  await expect(ended).rejects.toMatchObject({ code: 'ABORTED' })
  const outcomes = Promise.allSettled([first, late])
  await clock.advance(1000)
  expect(await outcomes).toMatchObject([
    { reason: { code: 'DEADLINE_EXCEEDED' } },
    { reason: { code: 'DEADLINE_EXCEEDED' } },
  ])
  release()
  await publish('b')
  expect(alone).toEqual(['a', 'b'])
  expect(batches).toEqual([])
})

test('a subject of no accepted stream goes its own way', () => {
  const { publications, clock } = setUp()
  expect(publications.publish(message('a', 'other.done'), { timeoutMs: 1, clock })).toBeUndefined()
})
