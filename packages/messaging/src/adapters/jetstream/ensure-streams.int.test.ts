import { describeWithService } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JetStreamNamespace, openJetStream } from './testing/jetstream-namespace.ts'

describeWithService('nats', 'streams of a JetStreamBroker', (address) => {
  let nats: JetStreamNamespace

  beforeEach(async () => {
    nats = await openJetStream(address)
  })
  afterEach(() => nats.close())

  test.each<[option: string, what: string, taken: (name: string) => string, owner: keyof JetStreamNamespace]>(
    [
      ['deadLetterSubject', 'dead letters', () => `${nats.deadLetterSubject}.>`, 'deadLetterStream'],
      [
        'advisoryStream',
        'advisories',
        (stream) => `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.>`,
        'advisoryStream',
      ],
      ['streams', 'messages', () => nats.subject('>'), 'stream'],
    ],
  )('%s is refused where another stream takes the %s', async (option, _what, taken, owner) => {
    const { stream } = nats.stream
    const manager = await jetstreamManager(nats.connection)
    const other = `X_${stream}`
    await manager.streams.add({ name: other, subjects: [taken(stream)] })
    try {
      const name = owner === 'stream' ? stream : nats[owner]
      const rule = `without subjects that another stream takes: ${name} has some`
      await expect(nats.broker().ensure([nats.stream])).rejects.toEqual(invalidOption(option, rule))
    } finally {
      await manager.streams.delete(other)
    }
  })
})
