import { expect, test } from 'vitest'
import { resolveJetStreamBrokerOptions } from './jetstream-broker-options.ts'
import { wantedStreams } from './wanted-streams.ts'

// The connection is never asked here.
const never = (): void => undefined
const options = resolveJetStreamBrokerOptions({
  connection: { publish: never, subscribe: never, flush: never, isClosed: never } as never,
  replicas: 3,
  deadLetterMaxBytes: 2_000_000,
})
const named = { stream: 'TASKS', subjects: ['task.>'] }

test('advisories and dead letters come before the streams whose messages may be given up', () => {
  const wanted = wantedStreams([named], ['known.>'], { ...options, hasBatches: false })
  expect(wanted.map(({ name }) => name)).toEqual(['DLQ_ADVISORIES', 'DLQ', 'TASKS'])
  const [advisories, deadLetters, tasks] = wanted
  const MINUTE = 60_000_000_000
  expect(advisories).toMatchObject({
    subjects: [
      'known.>',
      '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.TASKS.>',
      '$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.TASKS.>',
    ],
    ...{ retention: 'limits', discard: 'old', num_replicas: 3 },
    ...{ max_age: 7 * 24 * 60 * MINUTE, max_bytes: -1, duplicate_window: 2 * MINUTE },
  })
  expect(deadLetters).toMatchObject({
    ...{ subjects: ['dlq.>'], retention: 'workqueue', discard: 'new', num_replicas: 3 },
    ...{ max_age: 30 * 24 * 60 * MINUTE, max_bytes: 2_000_000, duplicate_window: 24 * 60 * MINUTE },
  })
  expect(tasks).toMatchObject({ subjects: ['task.>'], retention: 'limits', discard: 'new', max_bytes: -1 })
  expect(tasks).not.toHaveProperty('allow_atomic')
})

test('of streams that need no advisories none are wanted, and batches only where the server has them', () => {
  const ensureDeadLetters = { stream: 'DLQ', subjects: ['dlq.>'] }
  const alone = wantedStreams([ensureDeadLetters], [], { ...options, hasBatches: true })
  expect(alone.map(({ name }) => name)).toEqual(['DLQ'])
  const [, , tasks] = wantedStreams([named], [], { ...options, hasBatches: true })
  expect(tasks).toMatchObject({ allow_atomic: true })
})
