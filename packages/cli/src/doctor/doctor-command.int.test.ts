import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describeWithService, randomName, temporaryFolder } from '@golden-arch/testkit'
import { jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'
import type { Finding } from './finding.ts'

const doctor = async (environment: Readonly<Record<string, string>>, ...words: readonly string[]) => {
  const { exitCode, document } = await callCli(['doctor', '--json', ...words], { environment })
  const findings: readonly Finding[] = document.result.findings
  return { exitCode, document, of: (check: string) => findings.find((one) => one.check === check) }
}

describeWithService('postgres', 'golden-arch doctor on PostgreSQL', (address) => {
  let postgres: PostgresOfATest
  beforeAll(async () => {
    postgres = await openPostgresOfATest(address)
  })
  afterAll(() => postgres.close())

  test('a server of the tests: it may lose what it has, its tables wait, and each is said with its remedy', async () => {
    const { exitCode, document, of } = await doctor({ DATABASE_URL: postgres.url })
    expect(exitCode).toBe(1)
    expect(document).toMatchObject({ command: 'doctor', ok: false, exitCode: 1 })
    expect(of('postgres.reachable')).toMatchObject({ status: 'ok' })
    expect(of('postgres.version')).toMatchObject({ status: 'ok' })
    expect(of('postgres.writable')).toMatchObject({ status: 'ok' })
    expect(of('postgres.synchronous_commit')).toMatchObject({ status: 'ok' })
    expect(of('postgres.clock')).toMatchObject({ status: 'ok' })
    expect(of('migrations.pending')).toMatchObject({ status: 'error', fix: 'golden-arch migrate up' })
    expect(of('redis.reachable')).toMatchObject({ status: 'skipped' })
    expect(of('nats.reachable')).toMatchObject({ status: 'skipped' })
    const { ok, error, skipped } = document.result.counts
    expect(ok + error + skipped).toBeGreaterThanOrEqual(9)
  })

  test('of the migrations those count whose modules the configuration names', async () => {
    const migrated = await openPostgresOfATest(address, ['messaging'])
    const folder = await temporaryFolder('cli-doctor')
    const configuration = { migrations: { modules: ['messaging'], folders: [resolve('migrations')] } }
    await writeFile(join(folder.path, 'golden-arch.config.json'), JSON.stringify(configuration))
    const environment = { DATABASE_URL: migrated.url }
    const named = await callCli(['doctor', '--json'], { environment, folder: folder.path })
    const { of } = await doctor(environment)
    await migrated.close()
    await folder.remove()
    expect(named.document.result.findings).toContainEqual(
      expect.objectContaining({ check: 'migrations.pending', status: 'ok' }),
    )
    expect(of('migrations.pending')).toMatchObject({ status: 'error' })
  })

  test('commits that do not wait for the disk are an error', async () => {
    const url = new URL(postgres.url)
    url.searchParams.set('options', '-c synchronous_commit=off')
    const { of } = await doctor({ DATABASE_URL: url.href })
    expect(of('postgres.synchronous_commit')).toMatchObject({
      status: 'error',
      fix: expect.stringContaining('synchronous_commit = on'),
    })
  })

  test('a wrong password is said without the password', async () => {
    const url = new URL(postgres.url)
    url.password = 'hunter2'
    const { exitCode, document, of } = await doctor({ DATABASE_URL: url.href })
    expect(exitCode).toBe(3)
    expect(of('postgres.reachable')).toMatchObject({
      status: 'unreachable',
      message: expect.stringContaining('password'),
    })
    expect(JSON.stringify(document)).not.toContain('hunter2')
  })
})

describeWithService('redis', 'golden-arch doctor on Redis', (address) => {
  test('version, role and append-only file are looked at', async () => {
    const { exitCode, of } = await doctor({ REDIS_URL: address })
    expect(exitCode).toBe(0)
    expect(of('redis.reachable')).toMatchObject({ status: 'ok' })
    expect(of('redis.version')).toMatchObject({ status: 'ok' })
    expect(of('redis.appendonly')).toMatchObject({ status: 'ok' })
    const onTerminal = await callCli(['doctor'], { environment: { REDIS_URL: address }, isTty: true })
    const { host } = new URL(address)
    expect(onTerminal.said[1]).toBe(`\u001b[32mok         \u001b[39m  redis.reachable: answers at ${host}`)
  })

  test('a wrong password is said without the password', async () => {
    const url = new URL(address)
    url.password = 'hunter2'
    const { exitCode, document, of } = await doctor({ REDIS_URL: url.href })
    expect(exitCode).toBe(3)
    expect(of('redis.reachable')).toMatchObject({ status: 'unreachable' })
    expect(JSON.stringify(document)).not.toContain('hunter2')
  })
})

describeWithService('redis', 'golden-arch doctor on Redis, by a user of few rights', (address) => {
  test('a user who may not read its settings is told of', async () => {
    const redis = new Redis(address)
    const user = randomName('doctor')
    await redis.call('ACL', 'SETUSER', user, 'on', '>hunter2', '~*', '+ping', '+auth', '+hello', '+client')
    const url = new URL(address)
    url.username = user
    url.password = 'hunter2'
    const { exitCode, of } = await doctor({ REDIS_URL: url.href })
    await redis.call('ACL', 'DELUSER', user)
    redis.disconnect()
    expect(exitCode).toBe(1)
    expect(of('redis.facts')).toMatchObject({
      status: 'error',
      message: expect.stringMatching(/^it answers, and cannot be looked at: .*info/i),
      fix: 'give its user the rights to read its settings',
    })
  })
})

describeWithService('nats', 'golden-arch doctor on NATS', (address) => {
  test('streams in memory are named', async () => {
    const connection = await connect({ servers: address })
    const manager = await jetstreamManager(connection)
    const name = randomName('doctor').replaceAll(/\W/g, '_')
    await manager.streams.add({ name, subjects: [`${name}.>`], storage: StorageType.Memory })
    try {
      const { exitCode, of } = await doctor({ NATS_URL: address })
      expect(exitCode).toBe(0)
      expect(of('nats.version')).toMatchObject({ status: 'ok' })
      expect(of('nats.jetstream')).toMatchObject({ status: 'ok' })
      expect(of('nats.storage')).toMatchObject({ status: 'warning', message: expect.stringContaining(name) })
      expect((await doctor({ NATS_URL: address }, '--strict')).exitCode).toBe(1)
    } finally {
      await manager.streams.delete(name)
      await connection.close()
    }
  })
})

test('nothing configured: nothing is wrong', async () => {
  const { exitCode, said } = await callCli(['doctor'], {
    environment: { DOCKER_HOST: 'unix:///nowhere.sock', SANDBOX_BACKEND: ' ' },
  })
  expect(exitCode).toBe(0)
  expect(said.at(-1)).toBe('4 skipped')
})

test('servers that do not answer are named with the place, each with a remedy', async () => {
  const { exitCode, document, of } = await doctor({
    DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x',
    REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
    NATS_URL: 'nats://hunter2@127.0.0.1:1',
    DOCKER_HOST: 'unix:///nowhere.sock',
    SANDBOX_BACKEND: 'docker-gvisor',
  })
  expect(exitCode).toBe(3)
  expect(document.result.counts).toEqual({ ok: 0, warning: 0, error: 0, unreachable: 4, skipped: 0 })
  for (const check of ['postgres.reachable', 'redis.reachable', 'nats.reachable', 'sandbox.docker']) {
    expect(of(check)).toMatchObject({ status: 'unreachable', fix: expect.any(String) })
  }
  expect(of('postgres.reachable')?.message).toContain('127.0.0.1:1')
  expect(JSON.stringify(document)).not.toContain('hunter2')
})

test('each finding is a line, its remedy below it, and the sum comes last', async () => {
  const environment = { REDIS_URL: 'redis://127.0.0.1:1', DOCKER_HOST: 'unix:///nowhere.sock' }
  const { exitCode, said } = await callCli(['doctor'], { environment })
  expect(exitCode).toBe(3)
  expect(said).toEqual([
    'skipped      postgres.reachable: DATABASE_URL is not set: an app then keeps its data in a folder, with PGlite',
    'unreachable  redis.reachable: Redis cannot be reached at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
    '             fix: start it, or correct its address, user or password',
    'skipped      nats.reachable: NATS_URL is not set: messages then travel through the database',
    'skipped      sandbox.docker: no Docker here (connect ENOENT /nowhere.sock)',
    '1 unreachable, 3 skipped',
  ])
  const onTerminal = await callCli(['doctor'], { environment, isTty: true })
  expect(onTerminal.said[0]).toContain('\u001b[2mskipped    \u001b[22m  postgres.reachable: ')
  expect(onTerminal.said[1]).toContain('\u001b[31munreachable\u001b[39m  redis.reachable: ')
})

test('on a terminal it tells which server it waits for', async () => {
  const { complaints } = await callCli(['doctor'], {
    environment: {
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
      REDIS_URL: 'redis://127.0.0.1:1',
      NATS_URL: 'nats://127.0.0.1:1',
      DOCKER_HOST: 'unix:///nowhere.sock',
    },
    isTty: true,
  })
  for (const server of ['PostgreSQL', 'Redis', 'NATS'])
    expect(complaints).toContain(`connecting to ${server}`)
})

test.each([
  [['doctor', 'now'], {}, 'USAGE', 'unexpected word: now'],
  [['doctor', '--loud'], {}, 'USAGE', "'--loud'"],
  [['doctor'], { SANDBOX_BACKEND: 'vm' }, 'CONFIG_INVALID', 'SANDBOX_BACKEND: '],
])('%j with %j is not understood: %s %s', async (argv, environment, code, message) => {
  const { exitCode, document } = await callCli([...argv, '--json'], { environment })
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code, message: expect.stringContaining(message) })
})
