import { MigrationError } from '@golden-arch/core/migrate'
import { expect, test } from 'vitest'
import { exitCodeOfFindings, type Finding, ok, skipped, wrong } from './finding.ts'
import { migrationFindings } from './migration-findings.ts'
import { natsFindings } from './nats-findings.ts'
import { type PostgresFacts, postgresFindings } from './postgres-findings.ts'
import { redisFindings } from './redis-findings.ts'
import { sandboxFindings } from './sandbox-findings.ts'

const POSTGRES: PostgresFacts = {
  version: '17.2',
  fsync: 'on',
  synchronousCommit: 'on',
  fullPageWrites: 'on',
  isStandby: false,
  skewMs: 12,
  uncertaintyMs: 1,
}

/** The status of a check. Each finding says something, and one that is wrong says what to do. */
function statusOf(findings: readonly Finding[], check: string): string | undefined {
  for (const { status, message, fix = '' } of findings) {
    expect(message).toMatch(/\S+ \S/)
    if (status !== 'ok' && status !== 'skipped') expect(fix).toMatch(/\S+ \S/)
  }
  return findings.find((one) => one.check === check)?.status
}

test.each<[Partial<PostgresFacts>, string, string]>([
  [{ version: '13.9' }, 'postgres.version', 'error'],
  [{ version: '14.0' }, 'postgres.version', 'ok'],
  [{ version: '18beta1' }, 'postgres.version', 'ok'],
  [{ version: '19.0' }, 'postgres.version', 'warning'],
  [{ fsync: 'off' }, 'postgres.fsync', 'error'],
  [{ synchronousCommit: 'off' }, 'postgres.synchronous_commit', 'error'],
  [{ synchronousCommit: 'local' }, 'postgres.synchronous_commit', 'ok'],
  [{ fullPageWrites: 'off' }, 'postgres.full_page_writes', 'warning'],
  [{ isStandby: true }, 'postgres.writable', 'error'],
  [{ skewMs: -1500 }, 'postgres.clock', 'warning'],
  [{ skewMs: -1500, uncertaintyMs: 900 }, 'postgres.clock', 'ok'],
  [{ skewMs: 31_000, uncertaintyMs: 2 }, 'postgres.clock', 'error'],
  [{ skewMs: 1001, uncertaintyMs: 1 }, 'postgres.clock', 'ok'],
  [{ skewMs: -1002, uncertaintyMs: 1 }, 'postgres.clock', 'warning'],
  [{ skewMs: 30_001, uncertaintyMs: 1 }, 'postgres.clock', 'warning'],
  [{ skewMs: -30_002, uncertaintyMs: 1 }, 'postgres.clock', 'error'],
])('PostgreSQL with %j: %s is %s', (changes, check, status) => {
  expect(statusOf(postgresFindings({ ...POSTGRES, ...changes }), check)).toBe(status)
})

test('a PostgreSQL that is as it should be gives nothing to do', () => {
  expect(postgresFindings(POSTGRES).every(({ status, fix }) => status === 'ok' && fix === undefined)).toBe(
    true,
  )
})

test.each([
  ['redis_version:6.2.1\r\nrole:master\r\naof_enabled:1\r\n', 'redis.version', 'error'],
  ['redis_version:7.0.15\r\nrole:slave\r\naof_enabled:1\r\n', 'redis.writable', 'error'],
  ['redis_version:7.0.15\r\nrole:master\r\naof_enabled:0\r\n', 'redis.appendonly', 'warning'],
  ['redis_version:7.0.15\r\nrole:master\r\naof_enabled:1\r\n', 'redis.appendonly', 'ok'],
  ['', 'redis.version', 'error'],
])('Redis that says %j: %s is %s', (info, check, status) => {
  expect(statusOf(redisFindings(info), check)).toBe(status)
})

test.each([
  [{ version: '2.9.25', hasJetStream: true, streams: [] }, 'nats.version', 'error'],
  [{ version: '2.10.0', hasJetStream: false, streams: [] }, 'nats.jetstream', 'error'],
  [{ version: '2.10.0', hasJetStream: true, streams: [] }, 'nats.storage', 'ok'],
  [
    { version: '2.12.1', hasJetStream: true, streams: [{ name: 'TASKS', storage: 'memory' }] },
    'nats.storage',
    'error',
  ],
  [
    { version: '2.12.1', hasJetStream: true, streams: [{ name: 'theirs', storage: 'memory' }] },
    'nats.storage',
    'warning',
  ],
])('NATS with %j: %s is %s', (facts, check, status) => {
  expect(statusOf(natsFindings(facts), check)).toBe(status)
})

const DOCKER = { docker: { version: '27.1.0', runtimes: ['runc'] }, bubblewrap: undefined }
const GVISOR = { docker: { version: '27.1.0', runtimes: ['runc', 'runsc'] }, bubblewrap: '0.8.0' }
const NEITHER = { docker: { absent: 'connect ENOENT' }, bubblewrap: undefined }

test.each([
  [DOCKER, 'docker-gvisor', 'sandbox.gvisor', 'error'],
  [DOCKER, 'docker', 'sandbox.gvisor', 'warning'],
  [DOCKER, undefined, 'sandbox.gvisor', 'skipped'],
  [GVISOR, 'docker-gvisor', 'sandbox.gvisor', 'ok'],
  [NEITHER, 'docker', 'sandbox.docker', 'unreachable'],
  [NEITHER, undefined, 'sandbox.docker', 'skipped'],
  [NEITHER, 'quickjs', 'sandbox.quickjs', 'ok'],
  [NEITHER, 'bubblewrap', 'sandbox.bubblewrap', 'error'],
  [GVISOR, 'bubblewrap', 'sandbox.bubblewrap', 'ok'],
] as const)('a machine with %j for %s: %s is %s', (facts, backend, check, status) => {
  expect(statusOf(sandboxFindings(facts, backend), check)).toBe(status)
})

test('a durability that is off is said with the statement that turns it on', () => {
  const findings = postgresFindings({
    ...POSTGRES,
    fsync: 'off',
    synchronousCommit: 'off',
    fullPageWrites: 'off',
  })
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: `postgres.${setting}`,
        message: expect.stringContaining(`${setting} is off`),
        fix: expect.stringMatching(new RegExp(`${setting} = on; SELECT pg_reload_conf\\(\\)`)),
      }),
    )
  }
})

test.each([
  ['14.0', { status: 'ok', message: 'PostgreSQL 14.0' }],
  [
    '13.9',
    {
      status: 'error',
      message: 'PostgreSQL 13.9 is older than 14, the oldest that is supported',
      fix: 'upgrade PostgreSQL to 14 or newer',
    },
  ],
  [
    '19.0',
    {
      status: 'warning',
      message: 'PostgreSQL 19.0 is newer than 18, the newest that was tested',
      fix: 'run your tests against it, or use PostgreSQL 18',
    },
  ],
])('of the version %s it is said whether it is supported', (version, finding) => {
  expect(postgresFindings({ ...POSTGRES, version })[0]).toEqual({ check: 'postgres.version', ...finding })
})

test.each([
  ['20.10.0', 'ok'],
  ['20.9.99', 'error'],
  ['20', 'error'],
  ['21', 'ok'],
  ['dev', 'error'],
])('Docker %s is %s', (version, status) => {
  const facts = { docker: { version, runtimes: ['runsc'] }, bubblewrap: undefined }
  expect(statusOf(sandboxFindings(facts, 'docker'), 'sandbox.docker')).toBe(status)
})

test('a clock is said to be ahead or behind, and how certain that is', () => {
  const clock = (skewMs: number, uncertaintyMs: number) =>
    postgresFindings({ ...POSTGRES, skewMs, uncertaintyMs }).find(({ check }) => check === 'postgres.clock')
  const message = "the server's clock is 1500 ms ahead of this machine's, give or take 3 ms"
  expect(clock(1500.4, 2.2)).toMatchObject({
    status: 'warning',
    message,
    fix: expect.stringContaining('NTP'),
  })
  expect(clock(-12, 0)?.message).toBe("the server's clock is 12 ms behind this machine's, give or take 0 ms")
})

test('of streams in memory the first ten are named', () => {
  const streams = Array.from({ length: 12 }, (_, i) => ({ name: `S${i}`, storage: 'memory' }))
  const files = Array.from({ length: 2 }, (_, i) => ({ name: `F${i}`, storage: 'file' }))
  const storage = (all: typeof streams) =>
    natsFindings({ version: '2.12.1', hasJetStream: true, streams: all }).at(-1)?.message
  expect(storage([...files, ...streams])).toBe(
    'in memory, and gone with the server: S0, S1, S2, S3, S4, S5, S6, S7, S8, S9',
  )
  expect(storage(files)).toBe('2 streams, all in files')
  expect(storage(files.slice(1))).toBe('1 stream, all in files')
  expect(storage([])).toBe('there is no stream yet')
})

test('without Docker it is said why, and what else there is', () => {
  expect(sandboxFindings(NEITHER, undefined)).toEqual([
    { check: 'sandbox.docker', status: 'skipped', message: 'no Docker here (connect ENOENT)' },
  ])
  expect(sandboxFindings(NEITHER, 'docker')).toMatchObject([
    { status: 'unreachable', message: 'Docker does not answer: connect ENOENT' },
  ])
  expect(sandboxFindings(GVISOR, 'docker')).toEqual([
    { check: 'sandbox.docker', status: 'ok', message: 'Docker 27.1.0' },
    { check: 'sandbox.gvisor', status: 'ok', message: 'gVisor is there (runsc)' },
  ])
  expect(sandboxFindings(GVISOR, 'bubblewrap')).toEqual([
    { check: 'sandbox.bubblewrap', status: 'ok', message: 'bubblewrap 0.8.0' },
  ])
  const old = { ...GVISOR, bubblewrap: '0.4.9' }
  expect(statusOf(sandboxFindings(old, 'bubblewrap'), 'sandbox.bubblewrap')).toBe('error')
})

test('what is wrong with migrations is named, each with its code', () => {
  const report = { modules: [], includedModules: [], records: [], pending: [] }
  const problem = new MigrationError({ code: 'MIGRATION_DRIFT', message: '002 b was edited' })
  expect(migrationFindings({ ...report, problems: [problem] })).toEqual([
    {
      check: 'migrations.problem',
      status: 'error',
      message: 'MIGRATION_DRIFT: 002 b was edited',
      fix: 'as it says; golden-arch migrate --help lists the means',
    },
    { check: 'migrations.pending', status: 'ok', message: '0 applied, none waits' },
  ])
})

test('migrations that wait are named, with the command that applies them', () => {
  const report = { modules: [], includedModules: [], records: [], problems: [] }
  const pending = [{ version: 5, name: 'budget', module: 'budget' }]
  expect(migrationFindings({ ...report, pending })).toEqual([
    {
      check: 'migrations.pending',
      status: 'error',
      message: '1 waits: 005 budget',
      fix: 'golden-arch migrate up',
    },
  ])
  expect(statusOf(migrationFindings({ ...report, pending: [] }), 'migrations.pending')).toBe('ok')
})

test('what does not answer weighs more than an error, and a warning counts only where it is asked for', () => {
  const warning = wrong('warning', 'a', 'b', 'c')
  const error = wrong('error', 'a', 'b', 'c')
  const unreachable = wrong('unreachable', 'a', 'b', 'c')
  expect(exitCodeOfFindings([ok('a', 'b'), skipped('a', 'b'), warning], false)).toBe(0)
  expect(exitCodeOfFindings([warning], true)).toBe(1)
  expect(exitCodeOfFindings([warning, error], false)).toBe(1)
  expect(exitCodeOfFindings([error, unreachable], false)).toBe(3)
})
