import { randomName } from '@golden-arch/testkit'
import { AckPolicy, type ConsumerMessages, jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Contender, Job, OpenContender } from '../contender.ts'

const DURABLE = 'bench'

/** The client alone: publish awaited, consume, acknowledge. It neither checks, counts nor measures anything. */
export const rawJetStream: Contender = {
  name: 'raw @nats-io client',
  durability: 'process crash',
  jobs: 20_000,
  open: ({ nats }) => open(nats),
}

/** The same where the server syncs always. */
export const rawJetStreamAlways: Contender = {
  name: 'raw @nats-io client, always',
  durability: 'power loss',
  jobs: 6000,
  open: ({ natsAlways }) => open(natsAlways),
}

async function open(address: string): Promise<OpenContender> {
  const connection = await connect({ servers: address })
  const client = jetstream(connection)
  const manager = await client.jetstreamManager()
  const stream = randomName('bench').replaceAll(/[^A-Za-z0-9]/g, '_')
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] })
  const policy = { durable_name: DURABLE, ack_policy: AckPolicy.Explicit, max_ack_pending: 1000 }
  await manager.consumers.add(stream, policy)
  let messages: ConsumerMessages | undefined
  let loop: Promise<void> | undefined
  return {
    async work(handle) {
      const taken = await (await client.consumers.get(stream, DURABLE)).consume({ max_messages: 256 })
      messages = taken
      loop = (async () => {
        for await (const message of taken) {
          handle(message.json<Job>().index)
          message.ack()
        }
      })()
    },
    async enqueue(job) {
      await client.publish(`${stream}.job`, JSON.stringify(job), { msgID: `${stream}-${job.index}` })
    },
    async stop() {
      await messages?.close()
      await loop
      await connection.flush()
    },
    async left() {
      const { num_pending, num_ack_pending } = await manager.consumers.info(stream, DURABLE)
      return num_pending + num_ack_pending
    },
    async close() {
      await manager.streams.delete(stream)
      await connection.close()
    },
  }
}
