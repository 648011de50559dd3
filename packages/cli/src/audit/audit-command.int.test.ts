import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditLinker, FileCheckpointSink, SqlAuditLog } from '@golden-arch/core/audit'
import { describeWithService, type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'

describeWithService('postgres', 'golden-arch audit verify', (address) => {
  let postgres: PostgresOfATest
  let folder: TemporaryFolder
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')

  beforeAll(async () => {
    postgres = await openPostgresOfATest(address, ['audit'])
    folder = await temporaryFolder('cli-audit')
    const { database } = postgres
    const log = new SqlAuditLog()
    for (const tenantId of ['good', 'bad']) {
      for (let number = 1; number <= 3; number++) {
        const actor = { id: 'ada', kind: 'human' } as const
        const facts = { resource: `task/${number}`, outcome: 'allowed', details: { number } } as const
        await database.transaction((tx) =>
          log.append(tx, { tenantId, actor, action: 'task.create', ...facts }),
        )
      }
    }
    const sink = new FileCheckpointSink({ path: join(folder.path, 'checkpoints.ndjson') })
    await writeFile(join(folder.path, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    const checkpoints = { signer: { keyId: 'k-1', privateKey }, sink, everyEntries: 1 }
    await new AuditLinker({ database, checkpoints }).runOnce()
    await database.transaction(async (tx) => {
      await tx.query(`SET LOCAL session_replication_role = 'replica'`)
      await tx.query(
        `UPDATE audit_log SET actor = 'eve' WHERE tenant_id = 'bad' AND details ->> 'number' = '2'`,
      )
    })
  })
  afterAll(async () => {
    await postgres.close()
    await folder.remove()
  })

  const verify = (...words: readonly string[]) =>
    callCli(['audit', 'verify', ...words], {
      folder: folder.path,
      environment: { DATABASE_URL: postgres.url },
    })

  test('a good chain, confirmed by a checkpoint from outside', async () => {
    const words = ['--tenant', 'good', '--checkpoints', 'checkpoints.ndjson', '--key', 'k-1=key.pem']
    const { exitCode, document } = await verify('--json', ...words)
    expect(exitCode).toBe(0)
    expect(document).toEqual({
      command: 'audit',
      ok: true,
      exitCode: 0,
      result: {
        tenants: [
          {
            tenantId: 'good',
            ok: true,
            entries: 3,
            carriedOver: 0,
            closed: 0,
            lastSequence: '3',
            lastHash: expect.stringMatching(/^[0-9a-f]{64}$/),
            confirmedSequence: '3',
            waiting: 0,
          },
        ],
      },
    })
  })

  test('every tenant is looked at, and one bad chain is a bad end', async () => {
    const { exitCode, said } = await verify()
    expect(exitCode).toBe(1)
    expect(said).toEqual([
      'bad bad: first bad sequence 2, entry-altered',
      expect.stringMatching(/^good good: 3 entries verified/),
    ])
  })

  test('a file that is not there is named before anything is read', async () => {
    for (const [option, word, file] of [
      ['--checkpoints', 'none.ndjson', 'none.ndjson'],
      ['--key', 'k-1=none.pem', 'none.pem'],
    ] as const) {
      const { exitCode, document } = await verify('--json', option, word)
      expect(exitCode).toBe(1)
      expect(document.error.code).toBe('FILE_UNREADABLE')
      expect(document.error.message).toMatch(new RegExp(`^${option}: .*${file}`))
    }
  })

  test('a database without the tables of the audit log', async () => {
    const empty = await openPostgresOfATest(address)
    const { exitCode, complaints } = await callCli(['audit', 'verify'], {
      environment: { DATABASE_URL: empty.url },
    })
    await empty.close()
    expect(exitCode).toBe(1)
    expect(complaints).toMatch(/^QUERY_FAILED: .*\nits tables are not there: golden-arch migrate status/)
  })
})

test.each([
  [[], 'audit must be followed by verify'],
  [['export', '--tenant', 'a'], 'audit must be followed by verify, received export'],
  [['verify', '--after', '1'], '--after'],
  [['verify', '--key', 'x'], '--key'],
])('audit %j is not understood: %s', async (words, message) => {
  const { exitCode, document } = await callCli(['audit', ...words, '--json'])
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) })
})
