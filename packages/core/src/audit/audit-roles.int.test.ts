import { randomBytes } from 'node:crypto'
import { createPostgresSchema, describeWithService, randomName } from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PgDatabase, type SqlDatabase } from '../storage/index.ts'
import { AuditReader } from './adapters/sql/audit-reader.ts'
import { exportAuditLog } from './adapters/sql/export-audit-log.ts'
import { SqlAuditLog } from './adapters/sql/sql-audit-log.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import { verifyAuditLog } from './chain/verify-audit-log.ts'
import { PersonalVault } from './personal/personal-vault.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'
import { entryOf, RecordingSink, signingKeys } from './testing/audit-scene.ts'

describeWithService('postgres', 'the audit log under an application role', (address) => {
  const role = randomName('application').replaceAll('-', '_')
  const other = randomName('bystander').replaceAll('-', '_')
  let owner: Awaited<ReturnType<typeof openAuditPostgres>>
  let foreign: Awaited<ReturnType<typeof createPostgresSchema>>
  let pool: pg.Pool
  let bystanders: pg.Pool
  let database: SqlDatabase

  beforeAll(async () => {
    owner = await openAuditPostgres(address)
    foreign = await createPostgresSchema(address)
    for (const name of [role, other]) await owner.database.query(`CREATE ROLE ${name}`)
    await owner.database.query('SELECT audit_grant_application($1)', [role])
    await owner.database.query(`GRANT USAGE ON SCHEMA ${owner.schema} TO ${other}`)
    await owner.database.query(`GRANT ALL ON SCHEMA ${foreign.schema} TO ${role}`)
    const as = (name: string): pg.Pool =>
      new pg.Pool({
        connectionString: address,
        options: `-c search_path=${owner.schema} -c role=${name}`,
        max: 4,
      })
    pool = as(role)
    bystanders = as(other)
    database = new PgDatabase({ pool })
  })
  afterAll(async () => {
    await Promise.all([pool.end(), bystanders.end()])
    for (const name of [role, other]) {
      await owner.database.query(`DROP OWNED BY ${name}`)
      await owner.database.query(`DROP ROLE ${name}`)
    }
    await foreign.drop()
    await owner.close()
  })

  it('the role can add, link, checkpoint, read, verify, export, prepare months and erase', async () => {
    const tenantId = randomName('tenant')
    const vault = new PersonalVault({ masterKey: randomBytes(32) })
    const personal = { subject: 'ada', values: { email: 'ada@example.org' } }
    await database.transaction((tx) =>
      new SqlAuditLog({ vault }).append(tx, entryOf(tenantId, 1, { personal })),
    )
    const { signer, keys } = signingKeys()
    const sink = new RecordingSink()
    const linker = new AuditLinker({
      database,
      checkpoints: { signer, sink, everyEntries: 1 },
      monthsAhead: 3,
    })
    expect(await linker.prepareMonths()).toBe(2)
    await linker.runOnce()
    const { checkpoints } = sink
    const verified = { ok: true, entries: 1, confirmedSequence: '1' }
    expect(await verifyAuditLog({ database, tenantId, keys, checkpoints })).toMatchObject(verified)
    const { items } = await new AuditReader({ database }).query({ tenantId })
    expect(items).toHaveLength(1)
    const lines: string[] = []
    for await (const line of exportAuditLog({ database, tenantId })) lines.push(line)
    expect(lines).toHaveLength(1)
    expect(await vault.erase(database, tenantId, 'ada')).toBe(true)
  })

  it.each([
    'UPDATE audit_log SET actor = actor',
    'DELETE FROM audit_log',
    'TRUNCATE audit_log',
    `INSERT INTO audit_log (tenant_id, at, actor, actor_kind, action, resource, outcome) VALUES ('t', '2020-01-01', 'a', 'human', 'a.b', 'c/1', 'allowed')`,
    `INSERT INTO audit_log (tenant_id, entry_id, actor, actor_kind, action, resource, outcome) VALUES ('t', 1, 'a', 'human', 'a.b', 'c/1', 'allowed')`,
    `INSERT INTO audit_log_rest (tenant_id, actor, actor_kind, action, resource, outcome) VALUES ('t', 'a', 'human', 'a.b', 'c/1', 'allowed')`,
    `INSERT INTO audit_chain VALUES ('t', 1, 1, now(), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'))`,
    'UPDATE audit_chain SET seq = seq',
    'DELETE FROM audit_chain',
    'UPDATE audit_chain_heads SET seq = 0',
    'DELETE FROM audit_chain_heads',
    'DELETE FROM audit_unlinked',
    `INSERT INTO audit_unlinked VALUES ('t', 1, now())`,
    'DELETE FROM audit_segments',
    'DELETE FROM audit_subject_keys',
    'UPDATE audit_personal SET subject = subject',
    'ALTER TABLE audit_log DISABLE TRIGGER ALL',
    'DROP TABLE audit_log_rest',
    `SET session_replication_role = 'replica'`,
    `SELECT audit_add_partition('x', 'DEFAULT')`,
    'CREATE TABLE intruder ()',
  ])('the role is refused: %s', async (sql) => {
    await expect(database.query(sql)).rejects.toMatchObject({ details: { sqlState: '42501' } })
  })

  it('functions with the rights of the owner cannot be lured to tables of the caller', async () => {
    const tenantId = randomName('tenant')
    await database.session(async (session) => {
      await session.script(
        `CREATE TEMPORARY TABLE audit_chain_heads (tenant_id text, seq bigint, hash bytea)`,
      )
      await session.script(
        `CREATE TABLE ${foreign.schema}.audit_unlinked (tenant_id text, entry_id bigint, at timestamptz)`,
      )
      await session.script(`SET search_path = ${foreign.schema}, ${owner.schema}`)
      await session.transaction((tx) => new SqlAuditLog().append(tx, entryOf(tenantId, 1)))
      const { rows } = await session.query<{ linked: number }>('SELECT audit_link($1, 10, true) AS linked', [
        tenantId,
      ])
      expect(rows).toEqual([{ linked: 1 }])
      await session.script(`DROP TABLE pg_temp.audit_chain_heads, ${foreign.schema}.audit_unlinked`)
      await session.script(`SET search_path = ${owner.schema}`)
    })
    expect(await verifyAuditLog({ database: owner.database, tenantId })).toMatchObject({
      ok: true,
      entries: 1,
    })
  })

  it('a role that was given nothing can neither read nor call anything', async () => {
    const bystander = new PgDatabase({ pool: bystanders })
    for (const sql of [
      'SELECT * FROM audit_log',
      `SELECT audit_link('t', 1, true)`,
      `SELECT audit_erase_subject('t', 's')`,
      `SELECT audit_note_checkpoint('t', 1)`,
      'SELECT audit_prepare_months(1)',
    ]) {
      await expect(bystander.query(sql)).rejects.toMatchObject({ details: { sqlState: '42501' } })
    }
  })

  it('a role cannot have partitions made without bound', async () => {
    await expect(database.query('SELECT audit_prepare_months(1000)')).rejects.toMatchObject({
      details: { sqlState: '22023' },
    })
  })
})
