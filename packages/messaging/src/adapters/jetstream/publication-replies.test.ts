import { setImmediate as turn } from 'node:timers/promises'
import { FakeClock } from '@golden-arch/core/time/testing'
import { headers, type Msg, type Status } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { PublicationReplies, type PublishingConnection } from './publication-replies.ts'
import { SendTurn } from './send-turn.ts'

type Callback = (error: Error | null, answer: Msg) => void

/** A connection that keeps what is published, and lets the test answer. */
function fakeConnection() {
  const published: { readonly subject: string; readonly reply: string }[] = []
  const subscriptions: { isOpen: boolean; readonly callback: Callback; end(error?: Error): void }[] = []
  const statuses = Promise.withResolvers<Status>()
  let refusal: Error | undefined
  // Only what PublicationReplies uses of the client is there.
  const connection = {
    publish(subject: string, _payload: Uint8Array, options: { readonly reply: string }) {
      if (refusal !== undefined) throw refusal
      published.push({ subject, reply: options.reply })
    },
    subscribe(_subject: string, { callback }: { readonly callback: Callback }) {
      const closed = Promise.withResolvers<Error | undefined>()
      const one = { isOpen: true, callback, end: (error?: Error) => closed.resolve(error) }
      subscriptions.push(one)
      return {
        closed: closed.promise,
        unsubscribe() {
          one.isOpen = false
          closed.resolve(undefined)
        },
      }
    },
    async *status() {
      yield await statuses.promise
    },
  } as unknown as PublishingConnection
  return {
    connection,
    published,
    subscriptions,
    refuse: (error: Error) => {
      refusal = error
    },
    tell: (status: Status) => statuses.resolve(status),
    answer: (reply: string | undefined) => subscriptions.at(-1)?.callback(null, { subject: reply } as Msg), // only its subject is read
  }
}

function setUp() {
  const clock = new FakeClock()
  const fake = fakeConnection()
  let inboxes = 0
  const replies = new PublicationReplies(fake.connection, new SendTurn(), () => `inbox${inboxes++}`)
  const ask = (subject: string, signal?: AbortSignal): Promise<Msg> =>
    replies.ask({ subject, payload: new Uint8Array(), headers: headers(), timeoutMs: 1000, clock, signal })
  return { ...fake, clock, replies, ask }
}

test('each publication gets its own answer, whatever their order, on one subscription', async () => {
  const { ask, answer, published, subscriptions } = setUp()
  const asked = [ask('a'), ask('b'), ask('c')]
  await turn()
  for (const { reply } of published.toReversed()) answer(reply)
  const answers = await Promise.all(asked)
  expect(answers.map(({ subject }) => subject)).toEqual(published.map(({ reply }) => reply))
  expect(new Set(published.map(({ reply }) => reply)).size).toBe(3)
  expect(subscriptions).toHaveLength(1)
})

test('without an answer a publication rejects at its deadline, and a late answer changes nothing', async () => {
  const { ask, answer, published, clock } = setUp()
  const asked = ask('a')
  asked.catch(() => undefined)
  await turn()
  await clock.advance(1000)
  await expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true })
  answer(published[0]?.reply)
})

test('a signal ends the wait, and one that fires before the message has left publishes nothing', async () => {
  const { ask, published } = setUp()
  const [late, early] = [new AbortController(), new AbortController()]
  const asked = ask('a', late.signal)
  await turn()
  late.abort()
  await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(ask('b', late.signal)).rejects.toMatchObject({ code: 'ABORTED' })
  const held = ask('c', early.signal)
  early.abort()
  await expect(held).rejects.toMatchObject({ code: 'ABORTED' })
  await turn()
  expect(published.map(({ subject }) => subject)).toEqual(['a'])
})

test('what the client refuses to send rejects at once, and leaves nothing behind', async () => {
  const { ask, refuse, replies, subscriptions } = setUp()
  refuse(new Error('draining'))
  await expect(ask('a')).rejects.toThrow('draining')
  replies.close()
  expect(subscriptions[0]?.isOpen).toBe(false)
})

test('a subject that the server forbids fails its own publications and no others', async () => {
  const { ask, tell, answer, published } = setUp()
  const [forbidden, allowed] = [ask('a'), ask('b')]
  await turn()
  const error = Object.assign(new Error('forbidden'), { operation: 'publish', subject: 'a' })
  tell({ type: 'error', error })
  await expect(forbidden).rejects.toThrow('forbidden')
  answer(published[1]?.reply)
  await allowed
})

test('the end of the connection fails all that wait, and the next publication subscribes anew', async () => {
  const { ask, answer, published, subscriptions } = setUp()
  const asked = ask('a')
  await turn()
  subscriptions[0]?.end()
  await expect(asked).rejects.toThrow('connection closed')
  const again = ask('a')
  await turn()
  expect(subscriptions).toHaveLength(2)
  answer(published[1]?.reply)
  await again
})

test('closed, it lets those that wait have their answers and unsubscribes after the last', async () => {
  const { ask, answer, published, subscriptions, replies } = setUp()
  const asked = [ask('a'), ask('b')]
  await turn()
  replies.close()
  answer(published[0]?.reply)
  expect(subscriptions[0]?.isOpen).toBe(true)
  answer(published[1]?.reply)
  expect(subscriptions[0]?.isOpen).toBe(false)
  await Promise.all(asked)
})
