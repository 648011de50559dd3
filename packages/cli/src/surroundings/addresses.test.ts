import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { addressOf, type Dependency } from './addresses.ts'

const VARIABLES = { postgres: 'DATABASE_URL', redis: 'REDIS_URL', nats: 'NATS_URL' } as const

test.each<[Dependency, string]>([
  ['postgres', 'postgres://u:p@h/x'],
  ['postgres', 'postgresql://h:5432/x?sslmode=require'],
  ['postgres', 'POSTGRES://h/x'],
  ['postgres', 'socket:/run/postgresql?db=x'],
  ['postgres', '/run/postgresql x'],
  ['redis', 'redis://:p@h:6379/0'],
  ['redis', 'rediss://h'],
  ['redis', 'unix:///run/redis.sock'],
  ['redis', '/run/redis.sock'],
  ['redis', 'h:6379'],
  ['redis', '6379'],
  ['nats', 'nats://t@a:4222, tls://b'],
])('of %s the address %s is taken', async (dependency, address) => {
  expect(await addressOf(dependency, { [VARIABLES[dependency]]: address }, {})).toBe(address)
})

test.each<[Dependency, string, string]>([
  ['postgres', './hunter2', 'postgres:// or postgresql://; a folder of PGlite'],
  ['postgres', 'hunter2', 'postgres:// or postgresql://'],
  ['postgres', 'mysql://u:hunter2@h/x', 'postgres:// or postgresql://'],
  ['postgres', 'u:hunter2@h:5432/x', 'postgres:// or postgresql://'],
  ['redis', './hunter2', 'redis:// or rediss://'],
  ['redis', 'http://u:hunter2@h/x', 'redis:// or rediss://'],
  ['redis', 'u:hunter2@h:6379/0', 'redis:// or rediss://'],
  ['nats', 'hunter2', 'nats:// or tls://'],
  ['nats', 'h:4222', 'nats:// or tls://'],
  ['nats', 'http://u:hunter2@h', 'nats:// or tls://'],
  ['nats', 'nats://a:4222, u:hunter2@b:4222', 'nats:// or tls://'],
])('of %s the address %s is refused, and said is how one begins', async (dependency, address, begins) => {
  const variable = VARIABLES[dependency]
  for (const [source, refused] of [
    [variable, addressOf(dependency, { [variable]: address }, {})],
    [
      { postgres: 'databaseUrl', redis: 'redisUrl', nats: 'natsUrl' }[dependency],
      addressOf(dependency, {}, { databaseUrl: address, redisUrl: address, natsUrl: address }),
    ],
  ] as const) {
    await expect(refused).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(`^${source} must begin with ${begins}`),
      details: { dependency },
    })
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') })
  }
})

test('a file that holds no address is named by its variable, and its content is not told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'golden-arch-address-'))
  const file = join(folder, 'secret')
  await writeFile(file, 'hunter2\n')
  const refused = addressOf('postgres', { DATABASE_URL_FILE: file }, {})
  await expect(refused).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/^DATABASE_URL_FILE must begin with postgres:\/\//),
  })
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') })
  await rm(folder, { recursive: true })
})

test.each([
  [['dlq', 'list', '--all-tenants'], { DATABASE_URL: './data' }],
  [['budget', 'verify'], { DATABASE_URL: 'mysql://h/x' }],
  [['doctor'], { REDIS_URL: './data' }],
])('%j with %j ends as what is not understood', async (words, environment) => {
  const { exitCode, document } = await callCli([...words, '--json'], { environment })
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false })
})
