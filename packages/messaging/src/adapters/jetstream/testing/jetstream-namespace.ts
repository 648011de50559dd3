import { randomName } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { StreamDefinition } from '../../../streams/stream-definition.ts'
import { JetStreamBroker } from '../jetstream-broker.ts'
import type { JetStreamBrokerOptions } from '../jetstream-broker-options.ts'

/** Streams and subjects of one test on a server that others use as well. */
export interface JetStreamNamespace {
  readonly connection: NatsConnection
  /** Names and subjects that nobody else has. */
  readonly stream: StreamDefinition
  readonly deadLetterStream: string
  readonly deadLetterSubject: string
  readonly advisoryStream: string
  /** `subject` within the stream. */
  subject(word: string): string
  broker(changes?: Partial<JetStreamBrokerOptions>): JetStreamBroker
  /** Deletes the streams and closes the connection. */
  close(): Promise<void>
}

export async function openJetStream(
  address: string | readonly string[],
  changes: Partial<StreamDefinition> = {},
): Promise<JetStreamNamespace> {
  const connection = await connect({
    servers: [address].flat(),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  })
  const name = randomName('t').replaceAll(/[^A-Za-z0-9]/g, '_')
  const stream = { stream: `S_${name}`, subjects: [`${name}.>`], ...changes }
  const deadLetterStream = `D_${name}`
  const deadLetterSubject = `dlq_${name}`
  const advisoryStream = `A_${name}`
  const names = { deadLetterStream, deadLetterSubject, advisoryStream }
  return {
    connection,
    stream,
    ...names,
    subject: (word) => `${name}.${word}`,
    broker: (more = {}) => new JetStreamBroker({ connection, ...names, publishTimeoutMs: 60_000, ...more }),
    close: async () => {
      const manager = await jetstreamManager(connection)
      for (const one of [stream.stream, deadLetterStream, advisoryStream]) {
        await manager.streams.delete(one).catch(() => false)
      }
      await connection.close()
    },
  }
}

/** Waits until `check` holds, at most `timeoutMs` milliseconds: patience for a busy machine. Default 100000. */
export async function until(check: () => boolean | Promise<boolean>, timeoutMs = 100_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`not seen within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
