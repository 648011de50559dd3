import { FakeClock } from '@golden-arch/core/time/testing'
import { JetStreamApiError } from '@nats-io/jetstream'
import { headers, type Msg } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { storeBatch } from './atomic-batch.ts'
import type { PublicationSession } from './jetstream-publication.ts'
import type { AnsweredPublication, PublicationReplies } from './publication-replies.ts'

const messages = ['a', 'b', 'c'].map((messageId) => ({
  subject: 'task.done',
  messageId,
  payload: new Uint8Array(),
}))

async function storeWith(answer: object, status = 0) {
  const asked: AnsweredPublication[] = []
  const data = { length: status === 0 ? 1 : 0 }
  const message = { data, headers: headers(status, status === 0 ? '' : 'none'), json: () => answer }
  // Only what a batch uses of the client and of an answer is there.
  const replies = {
    async ask(one: AnsweredPublication) {
      asked.push(one)
      return message as unknown as Msg
    },
  } as PublicationReplies
  const session = { headers, JetStreamApiError, replies } as unknown as PublicationSession
  const receipts = await storeBatch(session, messages, { timeoutMs: 1000, clock: new FakeClock() })
  return { asked, receipts }
}

test('the messages of a batch are numbered, the last commits it, and its answer places them all', async () => {
  const { asked, receipts } = await storeWith({ stream: 'TASKS', seq: 7, count: 3 })
  const [commit] = asked
  const all = [...(commit?.precededBy ?? []), commit].map((one) => one?.headers)
  expect(all.map((one) => one?.get('Nats-Batch-Sequence'))).toEqual(['1', '2', '3'])
  expect(all.map((one) => one?.get('Nats-Msg-Id'))).toEqual(['a', 'b', 'c'])
  expect(all.map((one) => one?.get('Nats-Batch-Commit'))).toEqual(['', '', '1'])
  expect(new Set(all.map((one) => one?.get('Nats-Batch-Id'))).size).toBe(1)
  expect(receipts?.map(({ sequence }) => sequence)).toEqual(['5', '6', '7'])
})

test('a refusal, or nobody there, says that nothing is stored', async () => {
  expect(
    (await storeWith({ error: { code: 400, err_code: 10201, description: 'no' } })).receipts,
  ).toBeUndefined()
  expect((await storeWith({}, 503)).receipts).toBeUndefined()
})

test('an answer for another number of messages leaves the outcome open', async () => {
  await expect(storeWith({ stream: 'TASKS', seq: 7 })).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
    retryable: true,
  })
})
