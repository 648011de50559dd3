import { randomName } from '@golden-arch/testkit'
import { describeMessageBroker } from '../../testing/message-broker.contract.ts'
import { MemoryBroker } from './memory-broker.ts'

describeMessageBroker('MemoryBroker', async () => {
  const broker = new MemoryBroker()
  return {
    broker,
    other: broker,
    name: randomName('S'),
    deadLetters: async () =>
      broker.deadLetters.map(({ messageId, error, attempts }) => ({ messageId, error, attempts })),
    close: async () => {},
  }
})
