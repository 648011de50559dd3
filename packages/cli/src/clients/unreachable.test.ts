import { expect, test } from 'vitest'
import { silentContext } from '../testing/silent-context.ts'
import { withNats } from './open-nats.ts'
import { placeOf, unreachable } from './unreachable.ts'

test.each([
  ['postgres://u:hunter2@db:5432/x?password=hunter2', 'db:5432'],
  ['nats://hunter2@a:4222, nats://b', 'a:4222, b'],
  ['unix:///run/redis.sock', '/run/redis.sock'],
  ['hunter2', 'an address that cannot be read'],
  ['redis://a,hunter2', 'a, an address that cannot be read'],
])('of the address %s nothing is told but %s', (address, place) => {
  expect(placeOf(address)).toBe(place)
})

test.each([
  ['what the server said', new Error('closed', { cause: new Error('no such user') }), 'no such user'],
  ['the first of several', new AggregateError([new Error('one'), new Error('two')], 'all'), 'one'],
  ['none of several', new AggregateError([], 'all'), 'all'],
  ['a code where there are no words', Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['a name where there is no more', new TypeError(''), 'TypeError'],
  ['a code that is no text', Object.assign(new TypeError(''), { code: 5 }), 'TypeError'],
  ['no error at all', 'gone', 'gone'],
])('of why it does not answer the innermost is told: %s', (_, cause, reason) => {
  const error = unreachable('redis', 'redis://:hunter2@a:6379', cause)
  expect(error).toMatchObject({
    ...{ code: 'DEPENDENCY_UNREACHABLE', retryable: true, cause },
    message: `Redis cannot be reached at a:6379: ${reason}`,
    details: { dependency: 'redis', place: 'a:6379' },
  })
})

test('an address that cannot be read is a server that cannot be reached', async () => {
  const context = silentContext({ NATS_URL: 'nats://a:hunter2' })
  const opened = withNats(context, async () => expect.fail('it was opened'))
  await expect(opened).rejects.toMatchObject({
    code: 'DEPENDENCY_UNREACHABLE',
    message: expect.stringMatching(/^NATS cannot be reached at an address that cannot be read: /),
  })
  await expect(opened).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') })
})
