import { describeWithService, randomName } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe } from 'vitest'
import { readDeadLetter } from '../../dead-letters/dead-letter-message.ts'
import { describeMessageBroker } from '../../testing/message-broker.contract.ts'
import { JetStreamBroker } from './jetstream-broker.ts'

// With `power-loss` a server from 2.12 on stores what is published at once in batches; an older one knows no difference.
describeWithService('nats', 'JetStream', (address) => {
  describe.each(['process-crash', 'power-loss'] as const)('durability %s', (durability) => {
    describeMessageBroker('JetStreamBroker', async () => {
      const connections = [await connect({ servers: address }), await connect({ servers: address })] as const
      const name = randomName('T').replaceAll(/[^A-Za-z0-9]/g, '_')
      const names = {
        deadLetterStream: `D_${name}`,
        deadLetterSubject: `dlq_${name}`,
        advisoryStream: `A_${name}`,
      }
      const broker = new JetStreamBroker({ connection: connections[0], durability, ...names })
      const manager = await jetstreamManager(connections[0])
      return {
        broker,
        other: new JetStreamBroker({ connection: connections[1], durability, ...names }),
        name,
        deadLetters: async () => {
          const reader = new JetStreamBroker({ connection: connections[1], ...names })
          const { state } = await manager.streams.info(names.deadLetterStream)
          const letters = []
          // A stream that never held anything says 0 for both.
          for (let sequence = Math.max(1, state.first_seq); sequence <= state.last_seq; sequence++) {
            const stored = await reader.findStored({
              stream: names.deadLetterStream,
              sequence: String(sequence),
            })
            if (stored === undefined) continue
            const { messageId, error, attempts } = readDeadLetter(stored, 'reader').letter
            letters.push({ messageId, error, attempts })
          }
          return letters
        },
        close: async () => {
          for (const stream of [name, names.deadLetterStream, names.advisoryStream]) {
            await manager.streams.delete(stream).catch(() => false)
          }
          await Promise.all(connections.map((connection) => connection.close()))
        },
      }
    })
  })
})
