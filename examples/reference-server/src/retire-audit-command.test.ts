import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { AuditLinker, SqlAuditLog, verifyAuditLog } from '@golden-arch/core/audit'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openAuditCheckpoints } from './open-audit-checkpoints.ts'
import { runRetireAuditCommand } from './retire-audit-command.ts'
import { openServerDatabase } from './testing/server-database.ts'

const AUDIT_SIGNING_KEY = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
let folder: TemporaryFolder
let database: Awaited<ReturnType<typeof openServerDatabase>>

beforeAll(async () => {
  folder = await temporaryFolder('retired')
  database = await openServerDatabase()
})
afterAll(async () => {
  await database.close()
  await folder.remove()
})

it('old months leave, signed and told, and what remains verifies against the checkpoints', async () => {
  const configuration = { AUDIT_SIGNING_KEY, AUDIT_CHECKPOINT_PATH: join(folder.path, 'checkpoints') }
  const checkpoints = await openAuditCheckpoints(configuration)
  await database.query(
    `SELECT audit_add_partition('2020_01', 'FOR VALUES FROM (''2020-01-01Z'') TO (''2020-02-01Z'')')`,
  )
  await database.query(
    `INSERT INTO audit_log (tenant_id, at, actor, actor_kind, action, resource, outcome)
     VALUES ('acme', '2020-01-10', 'ada', 'human', 'thing.made', 'thing/1', 'allowed')`,
  )
  const actor = { id: 'ada', kind: 'human' } as const
  const entry = {
    tenantId: 'acme',
    actor,
    action: 'thing.made',
    resource: 'thing/2',
    outcome: 'allowed',
  } as const
  await database.transaction((tx) => new SqlAuditLog().append(tx, entry))
  await new AuditLinker({ database, checkpoints: checkpoints?.writing }).runOnce()
  const lines: string[] = []
  const run = (...argv: readonly string[]): Promise<void> =>
    runRetireAuditCommand({ argv, configuration, database, say: (line) => void lines.push(line) })
  await run('400')
  expect(lines).toContain('2020_01: closed, 1 signed segments')
  const trust = { keys: checkpoints?.keys, checkpoints: checkpoints?.read() }
  expect(await verifyAuditLog({ database, tenantId: 'acme', ...trust })).toMatchObject({
    ok: true,
    entries: 1,
    closed: 1,
  })
  lines.length = 0
  await run('400')
  expect(lines).toEqual([expect.stringMatching(/^nothing ended before /)])
})

it.each([
  [['30'], {}, 'give the days that entries are kept, 31 or more'],
  [['x'], {}, 'give the days'],
  [[], {}, 'give the days'],
  [['400'], {}, 'AUDIT_SIGNING_KEY: needed'],
])('with %j nothing leaves', async (argv, configuration, problem) => {
  const run = runRetireAuditCommand({ argv, configuration, database, say: () => undefined })
  await expect(run).rejects.toThrow(problem)
})
