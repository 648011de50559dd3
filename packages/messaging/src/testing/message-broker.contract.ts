import { invalidOption } from '@golden-arch/testkit/options'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DeliverySettlement } from '../decision.ts'
import type {
  BrokerDelivery,
  MessageBroker,
  OutgoingMessage,
  SubscriptionOptions,
} from '../ports/message-broker.ts'

/** A {@link MessageBroker} under test. */
export interface BrokerUnderTest {
  readonly broker: MessageBroker
  /** A stream name and the first word of its subjects, not used before. */
  readonly name: string
  /** A second broker on the same streams, as another process would have; the same one where there cannot be any. */
  readonly other: MessageBroker
  /** Dead letters of the stream, with their error and attempts. */
  deadLetters(): Promise<
    readonly { readonly messageId: string | null; readonly error: string; readonly attempts: number }[]
  >
  close(): Promise<void>
}

const DEAD: DeliverySettlement = {
  kind: 'dead-letter',
  reason: 'no use',
  code: 'NO_USE',
  attempts: 3,
  tenantId: 'acme',
}
const WAIT = { timeout: 100_000, interval: 10 }

/** Registers the tests that every {@link MessageBroker} must pass; `open` gives a fresh one each time. */
export function describeMessageBroker(title: string, open: () => Promise<BrokerUnderTest>): void {
  describe(`${title} as MessageBroker`, () => {
    let subject: BrokerUnderTest
    let broker: MessageBroker
    let stream: string
    let word: string

    const messageOf = (id: string, kind = 'happened'): OutgoingMessage => ({
      subject: `${word}.${kind}`,
      messageId: id,
      payload: new TextEncoder().encode(`payload of ${id}: Grüße`),
      headers: { 'x-test': ['1', 'two'] },
    })
    const publish = (...ids: string[]): Promise<unknown> =>
      Promise.all(ids.map((id) => broker.publish(messageOf(id))))
    const options = (changes: Partial<SubscriptionOptions> = {}): SubscriptionOptions => ({
      stream,
      durable: 'hub',
      prefetch: 10,
      leaseMs: 30_000,
      maxAttempts: 5,
      ...changes,
    })
    /** Settles everything as `settle` says and keeps what came. */
    const collect = async (
      settle: (delivery: BrokerDelivery, index: number) => DeliverySettlement | Promise<DeliverySettlement>,
      changes: Partial<SubscriptionOptions> = {},
      through: MessageBroker = broker,
    ): Promise<BrokerDelivery[]> => {
      const seen: BrokerDelivery[] = []
      await through.subscribe(options(changes), async (delivery) => {
        seen.push(delivery)
        await delivery.settle(await settle(delivery, seen.length - 1))
      })
      return seen
    }
    const idsOf = (seen: readonly BrokerDelivery[]): (string | null)[] =>
      seen.map(({ message }) => message.messageId)
    const drained = (): Promise<unknown> => broker.close({ drainTimeoutMs: 5000 })

    beforeEach(async () => {
      subject = await open()
      broker = subject.broker
      stream = subject.name
      word = subject.name.toLowerCase()
      await broker.ensure([{ stream, subjects: [`${word}.>`] }])
    })
    afterEach(async () => {
      await broker.close({ drainTimeoutMs: 0 })
      await subject.close()
    })

    test('a broker that is closed again, by whatever way, does no harm', async () => {
      await collect(() => ({ kind: 'ack' }))
      await broker.close()
      await broker.close({ drainTimeoutMs: 0 })
      await broker[Symbol.asyncDispose]()
      await expect(broker.publish(messageOf('m'))).rejects.toMatchObject({ code: 'BROKER_CLOSED' })
    })

    test('ensuring a stream again changes nothing, and a change is written', async () => {
      const wider = [{ stream, subjects: [`${word}.>`, `${word}2.>`] }]
      expect(await broker.ensure([{ stream, subjects: [`${word}.>`] }])).toEqual({
        created: [],
        updated: [],
        drift: [],
      })
      expect(await broker.ensure(wider)).toMatchObject({ created: [], updated: [stream] })
      expect(await broker.ensure(wider)).toMatchObject({ updated: [] })
      expect(await broker.publish({ ...messageOf('m'), subject: `${word}2.x` })).toMatchObject({ stream })
    })

    test('streams of shared subjects are refused', async () => {
      const shared = broker.ensure([{ stream: `${stream}X`, subjects: [`${word}.happened`] }])
      const rule = expect.stringContaining(`${stream}X`)
      await expect(shared).rejects.toEqual(invalidOption('streams', rule))
    })

    test('a published message is stored byte for byte, and found at the place of its receipt', async () => {
      const receipt = await broker.publish(messageOf('m-1'))
      expect(receipt).toMatchObject({ stream, isDuplicate: false })
      const stored = await broker.findStored({ stream, sequence: receipt.sequence })
      expect(stored).toMatchObject({
        stream,
        sequence: receipt.sequence,
        subject: `${word}.happened`,
        messageId: 'm-1',
        headers: { 'x-test': ['1', 'two'] },
      })
      expect(Buffer.from(stored?.payload ?? []).toString()).toBe('payload of m-1: Grüße')
      expect(await broker.findStored({ stream, sequence: '9223372036854775807' })).toBeUndefined()
    })

    test('a receipt, a stored message and a delivery can be written as JSON, and the place in it reads back', async () => {
      const receipt = await broker.publish(messageOf('m-1'))
      const read = JSON.parse(JSON.stringify(receipt)) as { readonly sequence: string } // a receipt of a publication
      const stored = await broker.findStored({ stream, sequence: read.sequence })
      expect(JSON.parse(JSON.stringify(stored))).toMatchObject({
        sequence: receipt.sequence,
        messageId: 'm-1',
      })
      const seen = await collect(() => ({ kind: 'ack' }))
      await vi.waitFor(() => expect(idsOf(seen)).toEqual(['m-1']), WAIT)
      const texts = seen.map(({ message }) => JSON.stringify(message))
      expect(texts.map((text) => JSON.parse(text))).toMatchObject([{ sequence: receipt.sequence }])
    })

    test('a sequence that no message can have is refused', async () => {
      for (const given of [
        '',
        '0',
        '-1',
        '01',
        '1.0',
        ' 1',
        '1\n',
        'x',
        '9223372036854775808',
        1,
        1n,
        null,
      ]) {
        const sequence = given as string // as from JavaScript
        await expect(broker.findStored({ stream, sequence })).rejects.toEqual(invalidOption('sequence'))
      }
    })

    test('a message id is stored once, and its receipt says where', async () => {
      const [first, second] = [await broker.publish(messageOf('m-1')), await broker.publish(messageOf('m-1'))]
      expect(second).toEqual({ ...first, isDuplicate: true })
      const seen = await collect(() => ({ kind: 'ack' }))
      await publish('m-2')
      await vi.waitFor(() => expect(idsOf(seen)).toEqual(['m-1', 'm-2']), WAIT)
    })

    test('equal ids published at once are stored once', async () => {
      const receipts = await Promise.all(Array.from({ length: 8 }, () => broker.publish(messageOf('m-1'))))
      expect(receipts.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1)
      expect(new Set(receipts.map(({ sequence }) => sequence)).size).toBe(1)
    })

    test('a subject that no stream takes, a bad subject and a missing stream are refused', async () => {
      const nowhere = broker.publish({ ...messageOf('m'), subject: 'nowhere-at-all.x' })
      await expect(nowhere).rejects.toMatchObject({
        code: 'STREAM_NOT_FOUND',
        message: expect.stringContaining('nowhere-at-all.x'),
      })
      const bad = broker.publish({ ...messageOf('m'), subject: `${word}.*` })
      await expect(bad).rejects.toEqual(invalidOption('subject', expect.stringContaining('joined by dots')))
      const none = broker.subscribe(options({ stream: 'NO-SUCH-STREAM' }), async () => {})
      await expect(none).rejects.toMatchObject({
        code: 'STREAM_NOT_FOUND',
        message: expect.stringContaining('NO-SUCH-STREAM'),
      })
    })

    test('a stream that is full refuses what does not fit, and takes what does', async () => {
      const { other } = subject
      await other.publish(messageOf('before'))
      await broker.ensure([{ stream, subjects: [`${word}.>`], maxBytes: 1_048_576 }])
      const large = (id: string) => ({ ...messageOf(id), payload: new Uint8Array(300_000) })
      for (const id of ['1', '2', '3']) await broker.publish(large(id))
      const full = { code: 'STREAM_FULL', retryable: true }
      await expect(broker.publish(large('4'))).rejects.toMatchObject(full)
      await expect(other.publish(large('5'))).rejects.toMatchObject(full)
      expect(await broker.publish(large('1'))).toMatchObject({ isDuplicate: true })
      await publish('small')
      const seen = await collect(() => ({ kind: 'ack' }))
      await vi.waitFor(() => expect(seen).toHaveLength(5), WAIT)
      // What is settled stays in the stream, and counts.
      await expect(broker.publish(large('6'))).rejects.toMatchObject(full)
      await broker.ensure([{ stream, subjects: [`${word}.>`] }])
      expect(await broker.publish(large('7'))).toMatchObject({ isDuplicate: false })
      expect(await other.publish(large('8'))).toMatchObject({ isDuplicate: false })
    })

    test('each durable gets every message, one that starts later too, unless it starts with what comes', async () => {
      await publish('m-1')
      const [one, two] = [
        await collect(() => ({ kind: 'ack' })),
        await collect(() => ({ kind: 'ack' }), { durable: 'two' }),
      ]
      const late = await collect(() => ({ kind: 'ack' }), { durable: 'late', startAt: 'new' })
      await publish('m-2')
      await vi.waitFor(() => {
        expect(idsOf(one)).toEqual(['m-1', 'm-2'])
        expect(idsOf(two)).toEqual(['m-1', 'm-2'])
        expect(idsOf(late)).toEqual(['m-2'])
      }, WAIT)
    })

    test('a durable gets only the subjects that it asks for', async () => {
      const seen = await collect(() => ({ kind: 'ack' }), { subjects: [`${word}.a`, `${word}.b.>`] })
      for (const kind of ['a', 'b', 'b.c', 'c', 'ab']) await broker.publish(messageOf(kind, kind))
      await publish('last')
      await broker.publish(messageOf('end', 'a'))
      await vi.waitFor(() => expect(idsOf(seen)).toEqual(['a', 'b.c', 'end']), WAIT)
    })

    test('two processes of one durable share its messages, each given to one of them', async () => {
      const ids = Array.from({ length: 40 }, (_, index) => `m-${index}`)
      const one = await collect(() => ({ kind: 'ack' }), { prefetch: 1 })
      const two = await collect(() => ({ kind: 'ack' }), { prefetch: 1 }, subject.other)
      await publish(...ids)
      await vi.waitFor(() => expect([...idsOf(one), ...idsOf(two)].sort()).toEqual([...ids].sort()), WAIT)
    })

    test('no more than prefetch are unsettled at once, and the next comes when one is settled', async () => {
      const gates: (() => void)[] = []
      const seen = await collect(() => new Promise((resolve) => gates.push(() => resolve({ kind: 'ack' }))), {
        prefetch: 3,
      })
      await publish('m-1', 'm-2', 'm-3', 'm-4', 'm-5')
      await vi.waitFor(() => expect(seen).toHaveLength(3), WAIT)
      await broker.publish(messageOf('m-6'))
      expect(seen).toHaveLength(3)
      gates[0]?.()
      await vi.waitFor(() => expect(seen).toHaveLength(4), WAIT)
      for (let index = 0; index < 6; index++) {
        await vi.waitFor(() => expect(gates.length).toBeGreaterThan(index), WAIT)
        gates[index]?.()
      }
      await vi.waitFor(() => expect(seen).toHaveLength(6), WAIT)
    })

    test('a retried message comes again after its pause, and says how often it was delivered', async () => {
      const at: number[] = []
      const seen = await collect((_delivery, index) => {
        at.push(performance.now())
        return index === 0 ? { kind: 'retry', afterMs: 300, reason: 'not yet' } : { kind: 'ack' }
      })
      await publish('m-1')
      await vi.waitFor(() => expect(seen).toHaveLength(2), WAIT)
      expect(seen.map(({ deliveries }) => deliveries)).toEqual([1, 2])
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(250)
    })

    test('a message that is given back comes again at once, and so does one whose receiver failed', async () => {
      const seen: string[] = []
      await broker.subscribe(options({ prefetch: 1 }), async (delivery) => {
        seen.push(`${delivery.message.messageId}/${delivery.deliveries}`)
        if (delivery.deliveries === 1) await delivery.settle({ kind: 'give-back' })
        else if (delivery.deliveries === 2) throw new Error('on purpose')
        else await delivery.settle({ kind: 'ack' })
      })
      await publish('m-1')
      await vi.waitFor(() => expect(seen).toEqual(['m-1/1', 'm-1/2', 'm-1/3']), WAIT)
    })

    test('a settled delivery is not settled again', async () => {
      const answers: boolean[] = []
      await broker.subscribe(options(), async (delivery) => {
        answers.push(await delivery.settle({ kind: 'ack' }), await delivery.settle(DEAD))
      })
      await publish('m-1')
      await vi.waitFor(() => expect(answers).toEqual([true, false]), WAIT)
      expect(await subject.deadLetters()).toEqual([])
    })

    test('a dead letter is recorded with its reason and attempts, and does not come again', async () => {
      const seen = await collect(({ message }) => (message.messageId === 'm-1' ? DEAD : { kind: 'ack' }))
      await publish('m-1', 'm-2')
      await vi.waitFor(async () => {
        expect(seen).toHaveLength(2)
        expect(await subject.deadLetters()).toEqual([{ messageId: 'm-1', error: 'no use', attempts: 3 }])
      }, WAIT)
    })

    test('what a process holds when it dies comes again when its lease ends', async () => {
      const abandoned = Promise.withResolvers<void>()
      const lost = Promise.withResolvers<void>()
      const first = await subject.other.subscribe(
        options({ leaseMs: 1000, prefetch: 1 }),
        async (delivery) => {
          delivery.signal.addEventListener('abort', () => lost.resolve())
          abandoned.resolve()
          await new Promise(() => {})
        },
      )
      await publish('m-1')
      await abandoned.promise
      expect(await first.close({ drainTimeoutMs: 0 })).toMatchObject({ abandoned: 1 })
      await lost.promise
      const seen = await collect(() => ({ kind: 'ack' }), { leaseMs: 1000 })
      await vi.waitFor(() => expect(seen.map(({ deliveries }) => deliveries)).toEqual([2]), WAIT)
    })

    test('a heartbeat keeps a delivery beyond its lease', async () => {
      const seen = await collect(
        async (delivery) => {
          for (let beat = 0; beat < 26; beat++) {
            delivery.heartbeat()
            // The lease goes by the server's clock, so real time has to pass.
            await new Promise((resolve) => setTimeout(resolve, 250))
          }
          return { kind: 'ack' }
        },
        { leaseMs: 6000 },
      )
      await publish('m-1')
      await vi.waitFor(() => expect(seen).toHaveLength(1), WAIT)
      const [delivery] = seen
      await vi.waitFor(async () => expect(await delivery?.settle({ kind: 'ack' })).toBe(false), WAIT)
      await drained()
      expect(seen).toHaveLength(1)
      expect(delivery?.signal.aborted).toBe(false)
    })

    test('pending counts what is not settled', async () => {
      const gate = Promise.withResolvers<DeliverySettlement>()
      const subscription = await broker.subscribe(options({ prefetch: 2 }), async (delivery) => {
        await delivery.settle(await gate.promise)
      })
      await publish('m-1', 'm-2', 'm-3')
      await vi.waitFor(async () => expect(await subscription.pending()).toBe(3), WAIT)
      gate.resolve({ kind: 'ack' })
      await vi.waitFor(async () => expect(await subscription.pending()).toBe(0), WAIT)
    })

    test('closing waits for what runs, takes nothing new, and refuses what comes after', async () => {
      const gate = Promise.withResolvers<DeliverySettlement>()
      const seen = await collect(() => gate.promise, { prefetch: 1 })
      await publish('m-1', 'm-2')
      await vi.waitFor(() => expect(seen).toHaveLength(1), WAIT)
      const closed = broker.close({ drainTimeoutMs: 20_000 })
      gate.resolve({ kind: 'ack' })
      expect(await closed).toEqual({ settled: 1, abandoned: 0 })
      expect(seen).toHaveLength(1)
      await expect(broker.publish(messageOf('m-3'))).rejects.toMatchObject({ code: 'BROKER_CLOSED' })
      await expect(broker.subscribe(options(), async () => {})).rejects.toMatchObject({
        code: 'BROKER_CLOSED',
      })
    })

    test('a deadline of closing out of its bounds is refused, and nothing is closed', async () => {
      for (const drainTimeoutMs of [-1, 1.5, 3_600_001, Number.NaN]) {
        await expect(broker.close({ drainTimeoutMs })).rejects.toEqual(invalidOption('drainTimeoutMs'))
      }
      await publish('m-1')
    })

    test('options out of their bounds are refused', async () => {
      for (const changes of [
        { prefetch: 0 },
        { leaseMs: 1 },
        { maxAttempts: 0 },
        { durable: 'a.b' },
        { subjects: ['*'] },
        { subjects: [] },
      ]) {
        const bad = broker.subscribe(options(changes), async () => {})
        await expect(bad).rejects.toEqual(invalidOption(Object.keys(changes)[0]))
      }
    })
  })
}
