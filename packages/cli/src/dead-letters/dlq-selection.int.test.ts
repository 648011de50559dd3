import { describeWithService } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { giveUpMessages } from '../testing/given-up-messages.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'

describeWithService('postgres', 'golden-arch dlq with many dead letters', (address) => {
  let postgres: PostgresOfATest
  let orders: readonly string[]
  let mails: readonly string[]

  beforeEach(async () => {
    postgres = await openPostgresOfATest(address, ['messaging'])
    const { database } = postgres
    const given = { stream: 'ORDERS', subject: 'orders.new', tenantId: 'acme', count: 3 }
    orders = await giveUpMessages(database, given)
    mails = await giveUpMessages(database, { stream: 'MAILS', subject: 'mails.new', count: 2 })
    await database.query(
      `UPDATE dlq_messages SET consumer = 'mailer', error_code = NULL, error = $1 WHERE source_stream = 'MAILS'`,
      ['long '.repeat(20)],
    )
  })
  afterEach(() => postgres.close())

  const dlq = (...words: readonly string[]) =>
    callCli(['dlq', ...words, ...(words.includes('--tenant') ? [] : ['--all-tenants'])], {
      environment: { DATABASE_URL: postgres.url },
    })
  const listed = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { items } = (await dlq('list', '--json', ...words)).document.result
    return items.map(({ dlqId }: { readonly dlqId: string }) => dlqId).reverse()
  }
  const fingerprintOf = async (id: string): Promise<string> =>
    (await dlq('show', id, '--json')).document.result.fingerprint
  const publishedUnder = async (subject: string): Promise<number> => {
    const text = 'SELECT count(*) FROM messages WHERE subject = $1'
    const { rows } = await postgres.database.query<{ count: bigint }>(text, [subject])
    return Number(rows[0]?.count)
  }

  test('lists those of a stream, a consumer, a subject or a kind', async () => {
    expect(await listed()).toEqual([...orders, ...mails])
    expect(await listed('--stream', 'MAILS')).toEqual(mails)
    expect(await listed('--consumer', 'mailer')).toEqual(mails)
    expect(await listed('--subject', 'orders.new')).toEqual(orders)
    expect(await listed('--fingerprint', await fingerprintOf(orders[0] ?? ''))).toEqual(orders)
    expect(await listed('--stream', 'MAILS', '--subject', 'orders.new')).toEqual([])
    expect((await dlq('list', '--stream', 'nothing')).said).toEqual(['0 listed; 5 unresolved of 5'])
  })

  test('lists those that are settled where that is asked for', async () => {
    const [redriven = '', resolved = '', open = ''] = orders
    await dlq('redrive', redriven)
    await dlq('resolve', resolved)
    const those = async (status: string) => await listed('--stream', 'ORDERS', '--status', status)
    expect(await listed('--stream', 'ORDERS')).toEqual([open])
    expect(await those('redriven')).toEqual([redriven])
    expect(await those('resolved')).toEqual([resolved])
    expect(await those('redriving')).toEqual([])
    expect(await those('all')).toEqual(orders)
  })

  test('says where the next page begins, and nothing of it on the last', async () => {
    for (const [command, end] of [
      ['list', '4 listed; 5 unresolved of 5'],
      ['groups', '1 kind of failure'],
    ] as const) {
      const first = await dlq(command, '--limit', command === 'list' ? '4' : '1')
      expect(first.said.at(-2)).toBe(end)
      const more = first.said.at(-1) ?? ''
      expect(more).toMatch(/^more: --cursor \S+$/)
      const last = await dlq(command, '--cursor', more.replace('more: --cursor ', ''))
      expect(last.said).toHaveLength(3)
      expect(last.said.at(-1)).toMatch(/^1 (listed|kind of)/)
    }
  })

  test('tells each kind of failure in a line: whose, how many, and the newest', async () => {
    const [, ofMails = ''] = mails
    await dlq('resolve', ofMails)
    const { said } = await dlq('groups')
    const cells = said.map((line) => line.trim().split(/ {2,}/))
    expect(cells[0]).toEqual(['FINGERPRINT', 'TENANT', 'UNRESOLVED', 'TOTAL', 'CODE', 'NEWEST'])
    const fingerprint = expect.stringMatching(/^\w+$/)
    expect(cells).toContainEqual([
      fingerprint,
      'acme',
      '3',
      '3',
      'NOT_FOUND',
      expect.stringMatching(/^task /),
    ])
    expect(cells).toContainEqual([fingerprint, '-', '1', '2', '-', 'long '.repeat(12).trim()])
    const { said: all } = await dlq('list', '--stream', 'MAILS')
    expect(all[1]?.trim().split(/ {2,}/)[1]).toBe('-')
  })

  test('shows one in lines, a fact on each', async () => {
    const [id = ''] = orders
    const { said } = await dlq('show', id, '--content')
    const facts = new Map(said.map((line) => line.split(/ {2,}(.*)/s, 2) as [string, string]))
    expect(facts.get('dlqId')).toBe(id)
    expect(facts.get('tenantId')).toBe('acme')
    expect(facts.get('lastSeenAt')).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/)
    expect(JSON.parse(facts.get('source') ?? '')).toMatchObject({ stream: 'ORDERS', consumer: 'hub' })
    expect(facts.get('error')).toBe('task t-1 not found at postgres://u:***@db/x')
    expect(facts.get('payloadText')).toBe('{"number":1}')
    expect(facts.has('payload')).toBe(false)
    const columns = said.map((line) => /^\w+ +/.exec(line)?.[0].length)
    expect(new Set(columns).size).toBe(1)
    expect((await dlq('show', id)).said.join('\n')).not.toContain('payloadText')
    expect((await dlq('show', id, orders[1] ?? '')).exitCode).toBe(2)
  })

  test('redrives those that fit, as many as are asked for, under another subject', async () => {
    const some = await dlq('redrive', '--stream', 'ORDERS', '--limit', '2', '--to', 'orders.new')
    expect(some).toMatchObject({ exitCode: 0, complaints: '' })
    expect(some.said).toHaveLength(4)
    expect(some.said.slice(-2)).toEqual(['2 dead letters', 'more fit: call again, or raise --limit'])
    expect(await publishedUnder('orders.new')).toBe(3 + 2)
    const rest = await dlq('redrive', '--subject', 'orders.new', '--to', 'mails.new')
    expect(rest.said).toEqual([expect.stringMatching(/^redriven \d+$/), '1 dead letter'])
    expect(await publishedUnder('mails.new')).toBe(2 + 1)
    expect(await listed('--status', 'open')).toEqual(mails)
  })

  test('a redrive that is stopped tells what it has done, and leaves the rest open', async () => {
    // One a second: there is half a minute to stop it in.
    const { database } = postgres
    const bills = await giveUpMessages(database, {
      stream: 'BILLS',
      subject: 'bills.new',
      tenantId: 'acme',
      count: 30,
    })
    const stopping = new AbortController()
    const call = callCli(['dlq', 'redrive', '--all', '--rate', '1', '--all-tenants', '--json'], {
      environment: { DATABASE_URL: postgres.url },
      signal: stopping.signal,
    })
    const subjects = ['orders.new', 'mails.new', 'bills.new']
    const published = async () =>
      (await Promise.all(subjects.map(publishedUnder))).reduce((sum, count) => sum + count, 0)
    await expect.poll(published, { timeout: 100_000 }).toBeGreaterThan(35)
    stopping.abort()
    const { exitCode, document } = await call
    expect(exitCode).toBe(130)
    expect(document).toMatchObject({ command: 'dlq', ok: false, exitCode: 130 })
    const outcomes: readonly { readonly dlqId: string; readonly outcome: string }[] = document.result.results
    const those = (outcome: string) =>
      outcomes.filter((one) => one.outcome === outcome).map((one) => one.dlqId)
    const redriven = those('redriven')
    expect(new Set(await listed('--status', 'redriven'))).toEqual(new Set(redriven))
    expect(those('refused')).not.toEqual([])
    const left = [...orders, ...mails, ...bills].filter((id) => !redriven.includes(id))
    expect(new Set(await listed())).toEqual(new Set(left))
  })

  test('resolves a kind in parts, and what is resolved already stays so without a complaint', async () => {
    const fingerprint = await fingerprintOf(orders[0] ?? '')
    const part = await dlq('resolve', '--fingerprint', fingerprint, '--limit', '2')
    expect(part.said).toEqual(['2 resolved', 'more are open: call again'])
    expect((await dlq('resolve', '--fingerprint', fingerprint)).said).toEqual(['1 resolved'])
    const again = await dlq('resolve', ...orders)
    expect(again.exitCode).toBe(0)
    expect(again.said).toEqual([...orders.map((id) => `unchanged ${id}`), '3 dead letters'])
    const dry = await dlq('resolve', ...mails, '--dry-run')
    expect(dry.exitCode).toBe(0)
    expect(dry.said).toEqual([...mails.map((id) => `would-resolve ${id}`), '2 dead letters'])
  })
})
