import { isGoldenError } from '@golden-arch/core/errors'
import { describeWithService, type StartedService, startNatsCluster } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EnsureReport, OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import type { StreamDefinition } from '../../streams/stream-definition.ts'
import type { JetStreamBroker } from './jetstream-broker.ts'
import { type JetStreamNamespace, openJetStream, until } from './testing/jetstream-namespace.ts'

const SLOW_MS = 300_000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
/** What is asked while nobody leads is never answered: then it is asked again. */
const ASK_AGAIN_MS = 2000

/** Whether the client, asked past the broker, was told by nobody or by a server without a leader. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || ('status' in error && error.status === 503)
}

/** Only its place in the run is asked of the server of all tests: a cluster is started here. */
describeWithService('nats', 'streams on a cluster of three servers', () => {
  let servers: readonly StartedService[] = []
  let nats: JetStreamNamespace

  beforeAll(async () => {
    servers = await startNatsCluster(3)
    nats = await openJetStream(servers.map(({ address }) => address.replace('nats://', '')))
  }, SLOW_MS)
  afterAll(async () => {
    // Its streams go with the servers: two of three need not have settled yet who would delete them.
    await nats?.connection.close()
    await Promise.all(servers.map((server) => server.stop()))
  }, SLOW_MS)

  /** Asks again while the servers have not agreed on who leads them. */
  async function settled<T>(ask: () => Promise<T>): Promise<T> {
    const answers: T[] = []
    await until(async () => {
      try {
        answers.push(await ask())
        return true
      } catch (error) {
        if (isAway(error) || (isGoldenError(error) && error.retryable)) return false
        throw error
      }
    })
    const [answer] = answers
    if (answer === undefined) throw new Error('nothing was answered')
    return answer
  }

  const ensured = (broker: JetStreamBroker, streams: readonly StreamDefinition[]): Promise<EnsureReport> =>
    settled(() => broker.ensure(streams))
  const published = (broker: JetStreamBroker, message: OutgoingMessage): Promise<Receipt> =>
    settled(() => broker.publish(message))

  // One test, in this order: a server that was killed is missing for copies that are to be added.
  test(
    'get the copies that they lack, keep those that they have, and outlive the server that led them',
    async () => {
      const { stream } = nats.stream
      const manager = await jetstreamManager(nats.connection, { checkAPI: false })
      const single = nats.broker({ replicas: 1, publishTimeoutMs: ASK_AGAIN_MS })
      const names = [stream, nats.deadLetterStream, nats.advisoryStream]
      // What a report says is of one attempt, and what was asked before may have been done: the server is asked.
      const copies = (): Promise<readonly number[]> =>
        Promise.all(names.map(async (name) => (await manager.streams.info(name)).config.num_replicas))
      await ensured(single, [nats.stream])
      expect(await settled(copies)).toEqual([1, 1, 1])

      const tripled = nats.broker({ replicas: 3, publishTimeoutMs: ASK_AGAIN_MS })
      await ensured(tripled, [nats.stream])
      expect(await settled(copies)).toEqual([3, 3, 3])

      const again = await ensured(single, [nats.stream])
      expect(again.updated).toEqual([])
      expect(again.drift).toContainEqual({ stream, field: 'num_replicas', declared: '1', found: '3' })

      const fresh = { stream: `${stream}_2`, subjects: [`${stream}x.>`] }
      await ensured(tripled, [fresh])
      const outgoing = { subject: `${stream}x.happened`, messageId: 'a', payload: bytes('kept') }
      const { sequence } = await published(tripled, outgoing)
      const { cluster } = await settled(() => manager.streams.info(fresh.stream))
      await servers
        .find(({ address }) => address.endsWith(`${cluster?.leader}`.replace('testkit-', ':')))
        ?.kill()

      await published(tripled, { ...outgoing, messageId: 'b', payload: bytes('new') })
      // What was acknowledged is on two of three servers: whoever leads now has it.
      const found = await settled(() => tripled.findStored({ stream: fresh.stream, sequence }))
      expect(Buffer.from(found?.payload ?? []).toString()).toBe('kept')
    },
    SLOW_MS,
  )
})
