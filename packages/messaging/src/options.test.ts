import { GoldenError } from '@golden-arch/core/errors'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, test } from 'vitest'
import { AdvisoryReconciler, JetStreamBroker } from './adapters/jetstream/index.ts'
import { MemoryBroker } from './adapters/memory/index.ts'
import { SqlAttemptStore, SqlBroker } from './adapters/sql/index.ts'
import {
  DeadLetterQueue,
  DeadLetterRecorder,
  EventConsumer,
  EventPublisher,
  Inbox,
  OutboxRelay,
} from './index.ts'

/** Whatever is asked for, never called. */
const nothing = (): void => undefined
const database = {
  ...{ query: nothing, script: nothing, transaction: nothing, session: nothing },
  capabilities: { maxConcurrentTransactions: 4, durability: 'memory' },
}
const broker = {
  ...{ publish: nothing, subscribe: nothing, findStored: nothing, sweep: nothing, handOff: nothing },
  ...{ deadLetterStream: 'DLQ', advisoryStream: 'ADVISORIES' },
}
const connection = {
  ...{ publish: nothing, subscribe: nothing, flush: nothing, isClosed: nothing },
  info: { version: '2.12.0', max_payload: 1_048_576, jetstream: true },
}

/** Each class with the least that it takes, and the names of all that it may be given besides. */
const CLASSES: readonly (readonly [
  name: string,
  Class: unknown,
  least: object,
  others: readonly string[],
])[] = [
  [
    'EventPublisher',
    EventPublisher,
    { broker, source: 'test' },
    ['schema', 'schemaTimeoutMs', 'maxPayloadBytes', 'clock', 'metrics', 'tracer'],
  ],
  [
    'EventConsumer',
    EventConsumer,
    { broker, stream: 'S', durable: 'hub' },
    [
      ...[
        'subjects',
        'startAt',
        'retry',
        'schema',
        'schemaTimeoutMs',
        'inbox',
        'attempts',
        'maxConcurrent',
        'prefetch',
        'leaseMs',
      ],
      ...['handlerTimeoutMs', 'drainTimeoutMs', 'clock', 'logger', 'metrics', 'tracer', 'random'],
    ],
  ],
  [
    'OutboxRelay',
    OutboxRelay,
    { database, broker },
    [
      ...[
        'clock',
        'logger',
        'metrics',
        'tracer',
        'maxBatchLength',
        'maxConcurrent',
        'pollIntervalMs',
        'publishTimeoutMs',
      ],
      ...['leaseMs', 'initialDelayMs', 'maxDelayMs', 'retentionMs', 'random'],
    ],
  ],
  ['Inbox', Inbox, { database }, []],
  ['SqlAttemptStore', SqlAttemptStore, { database }, []],
  [
    'DeadLetterQueue',
    DeadLetterQueue,
    { broker, database },
    [
      'audit',
      'leaseMs',
      'publishTimeoutMs',
      'alerts',
      'alertAtUnresolved',
      'pollIntervalMs',
      'logger',
      'metrics',
      'tracer',
      'clock',
    ],
  ],
  [
    'DeadLetterRecorder',
    DeadLetterRecorder,
    { broker, database },
    [
      ...['durable', 'prefetch', 'unknownTenantId', 'leaseMs', 'initialDelayMs', 'maxDelayMs'],
      ...['alerts', 'logger', 'metrics', 'tracer'],
    ],
  ],
  [
    'SqlBroker',
    SqlBroker,
    { database },
    [
      'clock',
      'alerts',
      'unknownTenantId',
      'logger',
      'pollIntervalMs',
      'publishTimeoutMs',
      'maxQueueLength',
      'maxBatchLength',
      'maxBatchBytes',
    ],
  ],
  ['MemoryBroker', MemoryBroker, {}, ['clock']],
  [
    'JetStreamBroker',
    JetStreamBroker,
    { connection },
    [
      ...[
        'durability',
        'replicas',
        'publishTimeoutMs',
        'maxQueueLength',
        'acknowledge',
        'deliveryMargin',
        'deadLetterStream',
      ],
      ...['deadLetterSubject', 'deadLetterMaxBytes', 'advisoryStream', 'alerts', 'logger', 'clock'],
    ],
  ],
  [
    'AdvisoryReconciler',
    AdvisoryReconciler,
    { broker, streams: ['S'] },
    ['durable', 'pollIntervalMs', 'logger', 'clock', 'tracer'],
  ],
]

/** The option that a class refuses, made of these; undefined where it takes them. */
function refused(Class: unknown, options: object): unknown {
  try {
    // What the table gives as a class is one, and takes options.
    ;new (Class as new (options: object) => object)(options)
    return undefined
  } catch (error) {
    if (!(error instanceof GoldenError) || error.code !== 'INVALID_OPTION') throw error
    return error.details.option
  }
}

describe.each(CLASSES)('%s', (_name, Class, least, others) => {
  test('takes the least, and undefined for everything else', () => {
    expect(refused(Class, least)).toBeUndefined()
    const undefineds = Object.fromEntries(others.map((other) => [other, undefined]))
    expect(refused(Class, { ...least, ...undefineds })).toBeUndefined()
  })

  test('refuses a name that it does not know', () => {
    expect(refused(Class, { ...least, nonsense: 1 })).toBe('nonsense')
  })

  test('refuses to be made without what it needs, or with another thing in its place', () => {
    for (const name of Object.keys(least)) {
      expect(refused(Class, { ...least, [name]: undefined })).toBe(name)
      expect(refused(Class, { ...least, [name]: {} })).toBe(name)
    }
  })
})

test.each<[option: string, of: object]>([
  ['deadLetterStream', { deadLetterStream: 'a b' }],
  ['deadLetterSubject', { deadLetterSubject: 'a b' }],
  ['advisoryStream', { advisoryStream: 'a b' }],
])('a JetStreamBroker refuses a bad %s by that name', (option, options) => {
  expect(() => new JetStreamBroker({ connection, ...options } as never)).toThrow(invalidOption(option))
})

test('an AdvisoryReconciler refuses a stream by its place among the streams', () => {
  const make = (streams: readonly string[]) => new AdvisoryReconciler({ broker, streams } as never)
  expect(() => make(['GOOD', 'a b'])).toThrow(invalidOption('streams[1]'))
})
