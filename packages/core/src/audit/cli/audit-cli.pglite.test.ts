import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomName, type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FileCheckpointSink } from '../adapters/file/file-checkpoint-sink.ts'
import { AuditLinker } from '../chain/audit-linker.ts'
import { type OpenedAuditDatabase, openAuditPglite } from '../testing/audit-databases.ts'
import { linkedTenant, signingKeys } from '../testing/audit-scene.ts'
import { tamper } from '../testing/tampering.ts'
import { runAuditCli } from './audit-cli.ts'

const { signer, keys } = signingKeys()
let opened: OpenedAuditDatabase
let folder: TemporaryFolder

beforeAll(async () => {
  opened = await openAuditPglite()
  folder = await temporaryFolder('audit-cli')
})
afterAll(async () => {
  await opened.close()
  await folder.remove()
})

async function run(
  line: string,
  environment: Record<string, string> = { DATABASE_URL: 'postgres://user:hunter2@nowhere/x' },
): Promise<{ code: number; said: readonly string[]; complaints: string; closed: number }> {
  const said: string[] = []
  const complaints: string[] = []
  let closed = 0
  const code = await runAuditCli({
    argv: line.split(' ').filter((word) => word !== ''),
    environment,
    say: (text) => void said.push(text),
    complain: (text) => void complaints.push(text),
    connect: async (address) => {
      if (!address.includes('nowhere')) throw new Error('cannot connect')
      return {
        database: opened.database,
        close: async () => {
          closed++
        },
      }
    },
  })
  return { code, said, complaints: complaints.join('\n'), closed }
}

it('says of a good tenant how far it is proven, and closes what it opened', async () => {
  const tenantId = await linkedTenant(opened.database, 3)
  const path = join(folder.path, `${tenantId}.ndjson`)
  const key = join(folder.path, `${tenantId}.pem`)
  await writeFile(key, keys.get('k-1')?.export({ type: 'spki', format: 'pem' }) ?? '')
  const checkpoints = { signer, sink: new FileCheckpointSink({ path }), everyEntries: 1 }
  await new AuditLinker({ database: opened.database, checkpoints }).runOnce()
  const { code, said, closed } = await run(
    `verify --tenant ${tenantId} --checkpoints ${path} --key k-1=${key}`,
  )
  expect(code).toBe(0)
  expect(said).toEqual([
    expect.stringMatching(
      `^good ${tenantId}: 3 entries verified, 0 in closed segments, 0 waiting, confirmed to 3 of 3, [0-9a-f]{64}$`,
    ),
  ])
  expect(closed).toBe(1)
})

it('counts one entry as one', async () => {
  const tenantId = await linkedTenant(opened.database, 1)
  const { said } = await run(`verify --tenant ${tenantId}`)
  expect(said).toEqual([expect.stringMatching(`^good ${tenantId}: 1 entry verified, `)])
})

it('names the first bad sequence of a bad tenant among the good ones, with an exit code of its own', async () => {
  const [good, bad] = [await linkedTenant(opened.database, 2), await linkedTenant(opened.database, 4)]
  await tamper(opened.database, (tx) =>
    tx.query(`UPDATE audit_log SET actor = 'eve' WHERE tenant_id = $1 AND details ->> 'number' = '3'`, [bad]),
  )
  const { code, said } = await run(`verify`)
  expect(code).toBe(3)
  expect(said).toContain(`bad ${bad}: first bad sequence 3, entry-altered`)
  expect(said).toContainEqual(expect.stringContaining(`good ${good}: 2 entries`))
})

it('a tenant that only a checkpoint remembers is missed', async () => {
  const tenantId = await linkedTenant(opened.database, 2)
  const path = join(folder.path, `${tenantId}.ndjson`)
  const key = join(folder.path, `${tenantId}.pem`)
  await writeFile(key, keys.get('k-1')?.export({ type: 'spki', format: 'pem' }) ?? '')
  const checkpoints = { signer, sink: new FileCheckpointSink({ path }), everyEntries: 1 }
  await new AuditLinker({ database: opened.database, checkpoints }).runOnce()
  await tamper(opened.database, async (tx) => {
    for (const table of ['audit_log', 'audit_chain', 'audit_chain_heads']) {
      await tx.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenantId])
    }
  })
  const { code, said } = await run(`verify --checkpoints ${path} --key k-1=${key}`)
  expect(code).toBe(3)
  expect(said).toContain(`bad ${tenantId}: first bad sequence 1, chain-truncated`)
})

it('exports the lines of a tenant behind a place', async () => {
  const tenantId = await linkedTenant(opened.database, 3)
  const all = await run(`export --tenant ${tenantId}`)
  expect(all.said.map((line) => JSON.parse(line).sequence)).toEqual(['1', '2', '3'])
  expect((await run(`export --tenant ${tenantId} --after 2`)).said).toEqual(all.said.slice(2))
  expect((await run(`export --tenant ${tenantId} --after 0`)).said).toEqual(all.said)
  expect(await run(`export --tenant ${randomName('tenant')}`)).toMatchObject({ code: 0, said: [] })
})

it.each([
  '',
  'delete',
  'verify export',
  'verify --after 1',
  'verify --key nothing',
  'export',
  'export --tenant a --tenant b',
  'export --tenant a --after x',
  'export --tenant a --after 01',
  'export --tenant a --key k=f',
  'verify --unknown',
])('does not understand: %s', async (line) => {
  const { code, complaints, said } = await run(line)
  expect(code).toBe(2)
  expect(said).toEqual([])
  expect(complaints).toContain('usage: golden-arch-audit verify')
})

it('says what failed without the address of the database', async () => {
  expect(await run('verify', {})).toMatchObject({
    code: 2,
    complaints: expect.stringContaining('DATABASE_URL'),
  })
  const address = 'postgres://user:hunter2@elsewhere/x'
  expect(await run('verify', { DATABASE_URL: address })).toMatchObject({
    code: 1,
    complaints: 'Error: cannot connect',
  })
  const file = join(folder.path, 'address')
  await writeFile(file, `${address}\n`)
  expect((await run('verify', { DATABASE_URL_FILE: file })).code).toBe(1)
  expect((await run('verify', { DATABASE_URL_FILE: join(folder.path, 'none') })).complaints).toContain(
    'ENOENT',
  )
})
