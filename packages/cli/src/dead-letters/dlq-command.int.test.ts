import { describeWithService, randomName } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { giveUpMessages } from '../testing/given-up-messages.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'

describeWithService('postgres', 'golden-arch dlq', (address) => {
  let postgres: PostgresOfATest
  let ids: readonly string[]

  beforeEach(async () => {
    postgres = await openPostgresOfATest(address, ['messaging', 'audit'])
    const { database } = postgres
    ids = await giveUpMessages(database, { stream: 'S', subject: 's.a', tenantId: 'acme', count: 5 })
  })
  afterEach(() => postgres.close())

  const dlq = (...words: readonly string[]) =>
    callCli(['dlq', ...words, ...(words.includes('--tenant') ? [] : ['--all-tenants'])], {
      environment: { DATABASE_URL: postgres.url },
    })
  const published = async (): Promise<number> => {
    const { rows } = await postgres.database.query<{ count: bigint }>('SELECT count(*) FROM messages')
    return Number(rows[0]?.count)
  }

  test('lists pages, in lines and as a document, without a password and on one line each', async () => {
    const { exitCode, document } = await dlq('list', '--json', '--tenant', 'acme', '--limit', '2')
    expect(exitCode).toBe(0)
    expect(document.result).toMatchObject({
      items: [{ dlqId: ids[4], tenantId: 'acme', status: 'open', errorCode: 'NOT_FOUND' }, { dlqId: ids[3] }],
      nextCursor: expect.any(String),
      counts: { unresolved: 5, total: 5 },
    })
    const next = await dlq('list', '--limit', '2', '--cursor', document.result.nextCursor, '--json')
    expect(next.document.result.items[0]).toMatchObject({ dlqId: ids[2] })
    const { said } = await dlq('list')
    expect(said).toHaveLength(7)
    expect(said[0]).toMatch(/^ID +TENANT +STATUS/)
    expect(said.at(-1)).toBe('5 listed; 5 unresolved of 5')
    expect(said.join('\n')).not.toContain('hunter2')
  })

  test('lists each on a line of its own, by columns', async () => {
    const [first, second] = ids
    await postgres.database.query(
      `UPDATE dlq_messages SET error_code = NULL, attempts = 12, error = $2,
              first_seen_at = '2026-03-29T01:30:00Z', last_seen_at = '2026-03-29T01:30:00Z'
        WHERE dlq_id = $1::bigint`,
      [first, 'long '.repeat(20)],
    )
    const { said } = await dlq('list')
    const cells = said.map((line) => line.trim().split(/ {2,}/))
    expect(cells[0]).toEqual(['ID', 'TENANT', 'STATUS', 'ATTEMPTS', 'GIVEN UP', 'SUBJECT', 'CODE', 'ERROR'])
    const instant = expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/)
    expect(cells[4]).toEqual([second, 'acme', 'open', '1', instant, 's.a', 'NOT_FOUND', expect.any(String)])
    const cut = 'long '.repeat(12).trim()
    expect(cells[5]).toEqual([first, 'acme', 'open', '12', '2026-03-29T01:30:00.000Z', 's.a', '-', cut])
  })

  test('shows bytes that are no text in base64, and says where there are none left', async () => {
    const [id = ''] = ids
    const keep = (payload: Uint8Array | null) =>
      postgres.database.query('UPDATE dlq_messages SET payload = $2 WHERE dlq_id = $1::bigint', [id, payload])
    await keep(Uint8Array.of(0xff, 0x00))
    const bytes = (await dlq('show', id, '--content', '--json')).document.result
    expect(bytes).toMatchObject({ headers: { trace: ['t-1'] }, payloadBase64: '/wA=' })
    expect(bytes).not.toHaveProperty('payloadText')
    await keep(null)
    const gone = (await dlq('show', id, '--content', '--json')).document.result
    expect(gone).toMatchObject({ headers: { trace: ['t-1'] }, payloadText: null })
  })

  test('groups them by kind of failure', async () => {
    const { document } = await dlq('groups', '--json')
    expect(document.result.items).toMatchObject([{ tenantId: 'acme', unresolved: 5, total: 5 }])
    expect((await dlq('groups')).said.at(-1)).toBe('1 kind of failure')
  })

  test('shows one, its content only where that is asked for', async () => {
    const id = ids[0] ?? ''
    const plain = await dlq('show', id, '--json')
    expect(plain.document.result).toMatchObject({ dlqId: id, source: { stream: 'S', consumer: 'hub' } })
    expect(plain.document.result).not.toHaveProperty('headers')
    expect(plain.document.result).not.toHaveProperty('payload')
    const whole = await dlq('show', id, '--content', '--json')
    expect(whole.document.result).toMatchObject({ headers: { trace: ['t-1'] }, payloadText: '{"number":1}' })
    const missing = await dlq('show', '987654', '--json')
    expect(missing.exitCode).toBe(1)
    expect(missing.document.error).toMatchObject({
      code: 'DEAD_LETTER_NOT_FOUND',
      message: expect.stringContaining('987654'),
    })
    expect((await dlq('show', id, '--tenant', 'other')).exitCode).toBe(1)
  })

  test('a dry run publishes nothing; then one is redriven, once', async () => {
    const id = ids[0] ?? ''
    const before = await published()
    const dry = await dlq('redrive', '--all', '--dry-run', '--json')
    expect(dry.exitCode).toBe(0)
    expect(dry.document.result).toMatchObject({ isDryRun: true, broker: 'sql', hasMore: false })
    expect(dry.document.result.results).toHaveLength(5)
    expect(await published()).toBe(before)

    expect(await dlq('redrive', id, '--actor', 'ada')).toMatchObject({
      exitCode: 0,
      said: [`redriven ${id}`, '1 dead letter'],
    })
    expect(await published()).toBe(before + 1)
    const again = await dlq('redrive', id, '--json')
    // A pipeline that repeats itself finds nothing left to do.
    expect(again.exitCode).toBe(0)
    expect(again.document.result.results).toEqual([{ dlqId: id, outcome: 'already-settled' }])
    expect(await published()).toBe(before + 1)
    const onTerminal = await callCli(['dlq', 'redrive', id, '987654', ids[1] ?? '', '--all-tenants'], {
      environment: { DATABASE_URL: postgres.url },
      isTty: true,
    })
    const green = (text: string) => `\u001b[32m${text}\u001b[39m`
    expect(onTerminal.exitCode).toBe(1)
    expect(onTerminal.said).toEqual([
      `${green('already-settled')} ${id}`,
      '\u001b[31mnot-found\u001b[39m 987654',
      `${green('redriven')} ${ids[1]}`,
      '3 dead letters',
    ])
  })

  test('towards NATS it asks for an address', async () => {
    const { exitCode, document } = await dlq('redrive', '987654', '--broker', 'jetstream', '--json')
    expect(exitCode).toBe(2)
    expect(document.error).toMatchObject({
      code: 'ADDRESS_MISSING',
      message: expect.stringContaining('NATS_URL'),
    })
  })

  test('of one whose stream is gone it is said why it was not redriven', async () => {
    const gone = await openPostgresOfATest(address, ['messaging'])
    const letter = { stream: 'S', subject: 's.a', tenantId: 'acme', count: 1 }
    const [id = ''] = await giveUpMessages(gone.database, letter)
    await gone.database.query("UPDATE dlq_messages SET original_subject = 'nowhere.a'")
    const environment = { DATABASE_URL: gone.url }
    const { exitCode, said } = await callCli(['dlq', 'redrive', id, '--all-tenants'], { environment })
    await gone.close()
    expect(exitCode).toBe(1)
    expect(said).toEqual([expect.stringMatching(`^refused ${id}: no stream .* nowhere`), '1 dead letter'])
  })

  test('a dry run resolves nothing and says what would be, by id and by kind', async () => {
    const [redriven = '', id = ''] = ids
    await dlq('redrive', redriven)
    const { result } = (await dlq('show', id, '--json')).document
    const some = await dlq('resolve', redriven, id, '987654', '--dry-run', '--json')
    expect(some).toMatchObject({ exitCode: 1, document: { result: { isDryRun: true } } })
    expect(some.document.result.results).toEqual([
      { dlqId: redriven, outcome: 'unchanged' },
      { dlqId: id, outcome: 'would-resolve' },
      { dlqId: '987654', outcome: 'not-found' },
    ])
    const kind = ['resolve', '--fingerprint', result.fingerprint, '--dry-run'] as const
    expect((await dlq(...kind)).said).toEqual(['4 would be resolved'])
    expect((await dlq(...kind, '--limit', '4')).said).toEqual(['4 would be resolved'])
    expect((await dlq(...kind, '--limit', '3')).said).toEqual(['3 would be resolved', 'more are open'])
    expect((await dlq(...kind, '--tenant', 'other')).said).toEqual(['0 would be resolved'])
    expect((await dlq('list', '--json')).document.result.counts).toMatchObject({ unresolved: 4 })
  })

  test('one whose redrive broke off is resolved as an open one, one that somebody redrives is left alone', async () => {
    const [lost = '', held = ''] = ids
    await postgres.database.query(
      `UPDATE dlq_messages SET status = 'redriving', redrive_count = 1, redrive_subject = 's.a',
              redrive_until = clock_timestamp() + CASE WHEN dlq_id = $1::bigint THEN 0 ELSE 1 END * interval '1 hour'
        WHERE dlq_id IN ($1::bigint, $2::bigint)`,
      [lost, held],
    )
    const { fingerprint } = (await dlq('show', lost, '--json')).document.result
    const byId = ['resolve', lost, held] as const
    const byKind = ['resolve', '--fingerprint', fingerprint] as const
    const end = ['2 dead letters']
    expect((await dlq(...byId, '--dry-run')).said).toEqual([`would-resolve ${lost}`, `busy ${held}`, ...end])
    expect((await dlq(...byKind, '--dry-run')).said).toEqual(['4 would be resolved'])
    expect((await dlq(...byKind, '--dry-run', '--limit', '3')).said).toEqual([
      '3 would be resolved',
      'more are open',
    ])
    expect((await dlq(...byId)).said).toEqual([`resolved ${lost}`, `busy ${held}`, ...end])
    expect((await dlq(...byKind)).said).toEqual(['3 resolved'])
  })

  test('resolves by id and by kind; who did it stands in the audit log', async () => {
    const id = ids[1] ?? ''
    const one = await dlq('resolve', id, '987654', '--reason', 'of a test', '--actor', 'ada', '--json')
    expect(one.exitCode).toBe(1)
    expect(one.document.result).toEqual({
      isAudited: true,
      isDryRun: false,
      results: [
        { dlqId: id, outcome: 'resolved' },
        { dlqId: '987654', outcome: 'not-found' },
      ],
    })
    const shown = await dlq('show', id, '--json')
    expect(shown.document.result).toMatchObject({
      status: 'resolved',
      resolution: { actorId: 'ada', reason: 'of a test' },
    })
    const { fingerprint } = shown.document.result
    const others = await dlq('resolve', '--fingerprint', fingerprint, '--tenant', 'other', '--json')
    expect(others.document.result).toMatchObject({ resolved: 0 })
    const kind = await dlq('resolve', '--fingerprint', fingerprint, '--json', '--actor', 'ada')
    expect(kind.document.result).toMatchObject({ resolved: 4, hasMore: false })
    const { rows } = await postgres.database.query<{ actor: string }>('SELECT actor FROM audit_log')
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['ada']))
    expect(rows.length).toBeGreaterThanOrEqual(5)
  })
})

describeWithService('postgres', 'golden-arch dlq redrive into JetStream', (address) => {
  describeWithService('nats', 'on NATS', (nats) => {
    test('where NATS is configured, messages go there', async () => {
      const name = randomName('t').replaceAll(/\W/g, '_')
      const subject = `${name}.done`
      const postgres = await openPostgresOfATest(address, ['messaging'])
      const connection = await connect({ servers: nats })
      const manager = await jetstreamManager(connection)
      await manager.streams.add({ name, subjects: [`${name}.>`] })
      try {
        const { database } = postgres
        const [id = ''] = await giveUpMessages(database, { stream: 'S', subject, tenantId: 'acme', count: 1 })
        const { exitCode, document } = await callCli(['dlq', 'redrive', id, '--all-tenants', '--json'], {
          environment: { DATABASE_URL: postgres.url, NATS_URL: nats },
        })
        expect(document.result).toEqual({
          broker: 'jetstream',
          isDryRun: false,
          isAudited: false,
          results: [{ dlqId: id, outcome: 'redriven' }],
          hasMore: false,
        })
        expect(exitCode).toBe(0)
        const stored = await manager.streams.getMessage(name, { last_by_subj: subject })
        expect(stored?.json()).toEqual({ number: 1 })
      } finally {
        await manager.streams.delete(name)
        await connection.close()
        await postgres.close()
      }
    })

    test('a NATS that does not answer leaves the dead letter as it was', async () => {
      const postgres = await openPostgresOfATest(address, ['messaging'])
      const { database } = postgres
      const letter = { stream: 'S', subject: 's.a', tenantId: 'acme', count: 1 }
      const [id = ''] = await giveUpMessages(database, letter)
      const environment = { DATABASE_URL: postgres.url, NATS_URL: 'nats://127.0.0.1:1' }
      const { exitCode, document } = await callCli(['dlq', 'redrive', id, '--all-tenants', '--json'], {
        environment,
      })
      expect(exitCode).toBe(3)
      expect(document.error).toMatchObject({
        code: 'DEPENDENCY_UNREACHABLE',
        details: { dependency: 'nats', place: '127.0.0.1:1' },
      })
      const shown = await callCli(['dlq', 'show', id, '--all-tenants', '--json'], { environment })
      expect(shown.document.result.status).toBe('open')
      await postgres.close()
    })
  })
})

describe('golden-arch dlq', () => {
  test.each([
    [[], 'dlq must be followed by list, groups'],
    [['empty'], 'redrive, resolve, received empty'],
    [['list', 'more'], 'unexpected word: more'],
    [['list', '--status', 'lost'], '--status must be one of open,'],
    [['list', '--limit', 'many'], '--limit must be a number, received many'],
    [['show'], 'show needs the id of a dead letter'],
    [['redrive'], 'redrive needs ids; or --fingerprint'],
    [['redrive', '--all', '--stream', 'S'], 'redrive needs ids; or --fingerprint'],
    [['redrive', '1', '--all'], 'unexpected word: 1'],
    [['redrive', '--all', '--broker', 'kafka'], '--broker must be one of'],
    [['redrive', '1', '--limit', 'many'], '--limit must be'],
    [['redrive', '1', '--rate', 'fast'], '--rate must be'],
    [['resolve'], 'resolve needs ids, or a --fingerprint'],
    [['resolve', '1', '--fingerprint', 'f'], 'resolve needs ids, or a --fingerprint'],
    [['resolve', '1', '--limit', '2'], '--limit belongs to --fingerprint'],
    [['resolve', '1', '--note', 'why'], "'--note'"],
    [['resolve', '1', '--tenant', 'acme'], 'dlq needs a --tenant, or --all-tenants'],
  ])('%j is not understood: %s', async (words, message) => {
    const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/x' }
    const all = ['dlq', ...words, '--all-tenants', '--json']
    const { exitCode, document } = await callCli(all, { environment })
    expect(exitCode).toBe(2)
    expect(document.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) })
  })

  test.each([
    [['list']],
    [['groups']],
    [['show', '1']],
    [['redrive', '1']],
    [['redrive', '--all']],
    [['resolve', '1']],
    [['resolve', '--fingerprint', 'f']],
  ])('%j asks whose dead letters are meant', async (words) => {
    const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/x' }
    const { exitCode, complaints } = await callCli(['dlq', ...words], { environment })
    expect(exitCode).toBe(2)
    expect(complaints).toContain('dlq needs a --tenant, or --all-tenants')
  })
})
