import { expect, test } from 'vitest'
import { silentContext } from '../testing/silent-context.ts'
import { withNats } from './open-nats.ts'
import { withPostgres } from './open-postgres.ts'
import { withRedis } from './open-redis.ts'

const context = silentContext()

test.each([
  ['postgres', 'DATABASE_URL', withPostgres],
  ['redis', 'REDIS_URL', withRedis],
  ['nats', 'NATS_URL', withNats],
] as const)(
  'without an address of %s nothing is opened, and %s is asked for',
  async (dependency, variable, open) => {
    const opened = open(context, async () => expect.fail('it was opened'))
    await expect(opened).rejects.toMatchObject({
      code: 'ADDRESS_MISSING',
      message: expect.stringContaining(variable),
      details: { dependency },
    })
  },
)
