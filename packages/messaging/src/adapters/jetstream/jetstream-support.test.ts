import { expect, test } from 'vitest'
import { JetStreamBroker } from './jetstream-broker.ts'
import { requireJetStreamSupport } from './jetstream-support.ts'

const info = (version: string, jetstream = true) => ({ version, jetstream, max_payload: 1 })

test('servers from 2.10 on are taken', () => {
  for (const version of ['2.10.0', '2.10.27', '2.15.1', '3.0.0', '2.11.0-preview.2']) {
    expect(() => requireJetStreamSupport(info(version))).not.toThrow()
  }
})

test('an older server, one of unknown version and one without JetStream are refused by code', () => {
  for (const version of ['2.9.10', '1.99.0', '', 'x.y']) {
    expect(() => requireJetStreamSupport(info(version))).toThrow(
      expect.objectContaining({
        code: 'NATS_SERVER_TOO_OLD',
        message: `nats-server ${version} is below 2.10`,
      }),
    )
  }
  expect(() => requireJetStreamSupport(info('2.10.0', false))).toThrow(
    expect.objectContaining({ code: 'JETSTREAM_DISABLED' }),
  )
})

test('a broker asks the server before anything else', () => {
  // The greeting is all that the constructor looks at.
  const never = (): void => undefined
  const client = { publish: never, subscribe: never, flush: never, isClosed: never }
  const connectionTo = (version: string) =>
    ({ info: info(version), ...client }) as unknown as ConstructorParameters<
      typeof JetStreamBroker
    >[0]['connection']
  expect(() => new JetStreamBroker({ connection: connectionTo('2.9.25') })).toThrow(
    expect.objectContaining({
      code: 'NATS_SERVER_TOO_OLD',
      message: 'nats-server 2.9.25 is below 2.10',
      details: { version: '2.9.25', leastVersion: '2.10' },
    }),
  )
  expect(new JetStreamBroker({ connection: connectionTo('2.10.0') }).capabilities).toMatchObject({
    durability: 'process-crash',
    publishesInTransaction: false,
  })
})

test('batches that are stored whole or not at all come with 2.12', () => {
  const versions = ['2.10.27', '2.11.9', '2.12.0', '2.15.1', '3.0.0']
  expect(versions.map((version) => requireJetStreamSupport(info(version)).hasAtomicBatches)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ])
})
