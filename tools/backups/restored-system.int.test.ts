import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type AssembledServer,
  startAssembledServer,
} from '../../examples/reference-server/src/testing/assembled-server.ts'
import { BudgetController } from '../../packages/budget/src/index.ts'
import { AuditLinker, verifyAuditLog } from '../../packages/core/src/audit/index.ts'
import { PgDatabase } from '../../packages/core/src/storage/index.ts'
import { type BackupScene, openBackupScene } from './backup-scene.ts'
import { holdTable, migrate } from './backup-states.ts'
import { type Acknowledged, BusyClient } from './busy-client.ts'
import { describeWithClients } from './describe-with-clients.ts'

/** What the start of a server and a backup may take on a machine that does much else. */
const SLOW_MS = 600_000
const ROOT = join(import.meta.dirname, '../..')
const [LINE = ''] = readFileSync(
  join(ROOT, 'examples/reference-server/demo/tasks-practical.jsonl'),
  'utf8',
).split('\n')

interface Opened {
  readonly database: PgDatabase
  close(): Promise<void>
}

function openPostgres(address: string): Opened {
  const pool = new pg.Pool({ connectionString: address, max: 8 })
  const database = new PgDatabase({ pool, acquireTimeoutMs: SLOW_MS, statementTimeoutMs: 0 })
  return { database, close: () => pool.end() }
}

describeWithClients('a system that was restored', () => {
  let scene: BackupScene
  let restored: string
  let before: Acknowledged
  let after: Acknowledged
  const closers: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    scene = await openBackupScene()
    closers.push(() => scene.close())
    const live = await scene.newDatabase()
    await migrate(live)
    const { database, close } = openPostgres(live)
    const server = await startAssembledServer({ database })
    // The first line of the corpus is a task.
    const client = new BusyClient(server, JSON.parse(LINE))
    await client.start()
    await client.acknowledges(20)
    before = client.acknowledged()
    // The dump stands still until more was written than there was before.
    const held = await holdTable(scene, { table: 'prompts', address: live, program: 'pg_dump' })
    const backup = await scene.backUp(live)
    await held.isWaitedFor()
    await client.acknowledges(20)
    await held.release()
    expect(await backup.end).toMatchObject({ code: 0 })
    await client.acknowledges(20)
    await client.stop()
    after = client.acknowledged()
    await server.stop()
    await close()
    restored = await scene.newDatabase()
    expect(await (await scene.restore(restored)).end).toMatchObject({ code: 0 })
  }, SLOW_MS)
  afterAll(async () => {
    for (const close of closers.reverse()) await close()
  })

  /** Of these, those that the restored database has. */
  async function found(table: string, column: string, ids: readonly string[]): Promise<readonly string[]> {
    const rows = await scene.ask<{ id: string }>(`SELECT ${column} AS id FROM ${table}`, restored)
    // The server keeps a request under its caller's name and its own.
    return ids.filter((id) => rows.some((row) => row.id.endsWith(id)))
  }

  it('has all that was acknowledged before the backup began', async () => {
    expect(before.tasks.length).toBeGreaterThan(0)
    expect(await found('tasks', 'task_id', before.tasks)).toEqual(before.tasks)
    expect(await found('budget_reservations', 'request_id', before.calls)).toEqual(before.calls)
    const created = before.tasks.map((id) => `task/${id}`)
    expect(await found('audit_log', 'resource', created)).toEqual(created)
  })

  it('has nothing of what came after it, as a backup is of one moment', async () => {
    const late = after.tasks.slice(-1)
    expect(before.tasks).not.toContain(late[0])
    expect(await found('tasks', 'task_id', late)).toEqual([])
    // Whatever of a task is there, all of it is: the row, its event and its entry of the audit log.
    const there = await found('tasks', 'task_id', after.tasks)
    expect(await found('outbox', 'subject', after.tasks)).toEqual(there)
    expect(
      await found(
        'audit_log',
        'resource',
        after.tasks.map((id) => `task/${id}`),
      ),
    ).toEqual(there.map((id) => `task/${id}`))
  })

  it('says that its migrations are up to date', async () => {
    const child = spawn(process.execPath, ['--conditions=golden-arch-source', 'tools/migrate.ts', 'status'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, DATABASE_URL: restored },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const [code] = await once(child, 'close')
    expect([code, output]).toEqual([0, expect.stringContaining('0 pending')])
  })

  it('keeps its accounts: the audit log verifies, and each budget is what its ledger adds up to', async () => {
    const { database, close } = openPostgres(restored)
    closers.push(close)
    await new AuditLinker({ database }).linkTenant('acme')
    expect(await verifyAuditLog({ database, tenantId: 'acme' })).toMatchObject({ ok: true, waiting: 0 })
    const budgets = new BudgetController({ database })
    const scope = { tenantId: 'acme', projectId: 'coding-tasks' }
    expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
    expect((await budgets.state(scope)).usedTokens).toBeGreaterThanOrEqual(before.calls.length)
    // The check sees what it is for.
    await database.query('UPDATE budgets SET used_tokens = used_tokens + 1')
    expect(await budgets.verify(scope)).toMatchObject({ isConsistent: false })
    await database.query('UPDATE budgets SET used_tokens = used_tokens - 1')
  })

  it('starts, knows its people, shows what it had and takes new work', async () => {
    const { database, close } = openPostgres(restored)
    closers.push(close)
    const server: AssembledServer = await startAssembledServer({ database })
    closers.push(() => server.stop())
    const client = new BusyClient(server, JSON.parse(LINE))
    const shown = await client.show(before.tasks[0] ?? '')
    expect(shown).toMatchObject({ status: 200, body: { id: before.tasks[0] } })
    await client.start()
    await client.acknowledges(3)
    await client.stop()
    expect(client.acknowledged().tasks.length).toBeGreaterThan(0)
  })
})
