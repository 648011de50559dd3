/**
 * Proves on a PostgreSQL of its own, and on PGlite in a folder, that the audit log survives death: processes that write
 * and link at once are killed at moments nobody chose, on PostgreSQL several at a time. Then every confirmed entry is in
 * the log once, in a chain that verifies against the checkpoints that the dead had written. Last, a chain is altered at
 * random places, and each time the first bad sequence is named. Prints figures; exit code 1 otherwise. A first argument
 * of 0 to 1 scales the numbers down.
 */
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPostgresSchema, randomName, startPostgres, temporaryFolder } from '@golden-arch/testkit'
import pg from 'pg'
import { verifyAuditLog } from '../../packages/core/src/audit/index.ts'
import { type Aftermath, aftermathOf } from '../../packages/core/src/audit/testing/after-crashes.ts'
import type { CrashSettings } from '../../packages/core/src/audit/testing/audit-crash-process.ts'
import { openAuditPglite } from '../../packages/core/src/audit/testing/audit-databases.ts'
import { linkedTenant } from '../../packages/core/src/audit/testing/audit-scene.ts'
import { startCrashProcess } from '../../packages/core/src/audit/testing/start-crash-process.ts'
import { rehashLink, tamper } from '../../packages/core/src/audit/testing/tampering.ts'
import { Migrator, readMigrationFolder } from '../../packages/core/src/migrate/index.ts'
import { PgDatabase } from '../../packages/core/src/storage/index.ts'

const scale = Number(process.argv[2] ?? '1')
const KILLS = Math.max(2, Math.round(15 * scale))
const FOLDER_KILLS = Math.max(2, Math.round(6 * scale))
const ALTERATIONS = Math.max(5, Math.round(60 * scale))
const AT_ONCE = 3

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const keys = new Map([['k-1', publicKey]])
const signing = { keyId: 'k-1', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
const folder = await temporaryFolder('security-audit')
const postgres = await startPostgres()
const schema = await createPostgresSchema(postgres.address)
const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
const database = new PgDatabase({ pool })
const wrongs: string[] = []
try {
  await new Migrator({ database, migrations: await readMigrationFolder('migrations') }).up({
    modules: ['audit'],
  })
  console.table({ PostgreSQL: await killOnPostgres(), PGlite: await killOnPglite() })
  console.log(`${await alterAtRandom()} of ${ALTERATIONS} alterations found at their place`)
} finally {
  await pool.end()
  await postgres.stop()
  await folder.remove()
}
for (const wrong of wrongs) console.log(`WRONG: ${wrong}`)
if (wrongs.length > 0) process.exitCode = 1

async function killOnPostgres(): Promise<object> {
  const tenantId = randomName('tenant')
  const checkpointFile = await newFile('postgres.ndjson')
  const confirmed: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const children = Array.from({ length: AT_ONCE }, (_, index) =>
      startCrashProcess({
        ...signing,
        database: schema.poolConfig,
        tenantId,
        first: (kill * AT_ONCE + index) * 1_000_000,
        dies: 'never',
        checkpointFile,
      }),
    )
    // Some work, of another amount each time, so that the kills meet other moments.
    await Promise.all(
      children.map((child, index) => child.confirmedAtLeast(20 + ((kill * 37 + index * 11) % 90))),
    )
    for (const child of children) child.process.kill('SIGKILL')
    for (const child of children) {
      await child.ended
      confirmed.push(...child.confirmed)
    }
  }
  return judge(
    'PostgreSQL',
    KILLS * AT_ONCE,
    confirmed,
    await aftermathOf(database, tenantId, confirmed, { keys, checkpointFile }),
  )
}

async function killOnPglite(): Promise<object> {
  const tenantId = randomName('tenant')
  const checkpointFile = await newFile('pglite.ndjson')
  const data = join(folder.path, 'pglite')
  const confirmed: number[] = []
  for (let kill = 0; kill < FOLDER_KILLS; kill++) {
    const settings: CrashSettings = {
      ...signing,
      database: { folder: data },
      tenantId,
      first: kill * 1_000_000,
      dies: 'never',
      checkpointFile,
    }
    const child = startCrashProcess(settings)
    await child.confirmedAtLeast(20 + ((kill * 37) % 90))
    child.process.kill('SIGKILL')
    await child.ended
    confirmed.push(...child.confirmed)
  }
  const opened = await openAuditPglite(data)
  try {
    const after = await aftermathOf(opened.database, tenantId, confirmed, { keys, checkpointFile })
    return judge('PGlite', FOLDER_KILLS, confirmed, after)
  } finally {
    await opened.close()
  }
}

function judge(title: string, kills: number, confirmed: readonly number[], after: Aftermath): object {
  const { verification, lost, twice, stored, waiting } = after
  if (lost > 0 || twice > 0) wrongs.push(`${title}: ${lost} lost, ${twice} twice`)
  if (!verification.ok)
    wrongs.push(`${title}: bad from ${verification.firstBadSequence} on, ${verification.reason}`)
  else if (verification.entries !== stored)
    wrongs.push(`${title}: ${verification.entries} of ${stored} in the chain`)
  const confirmedTo = verification.ok ? Number(verification.confirmedSequence) : 0
  return {
    kills,
    confirmed: confirmed.length,
    stored,
    'waiting at the end': waiting,
    'checkpoints reach': confirmedTo,
    lost,
    twice,
  }
}

async function alterAtRandom(): Promise<number> {
  const length = 40
  const tenantId = await linkedTenant(database, length)
  let found = 0
  for (let turn = 0; turn < ALTERATIONS; turn++) {
    const place = 1 + Math.floor(Math.random() * length)
    const fits = place > 1 && turn % 2 === 0
    const named = await alteredAt(tenantId, place, fits)
    if (named === String(place)) found++
    else
      wrongs.push(
        `an entry altered at ${place}${fits ? ', its link made to fit,' : ''} was named at ${named}`,
      )
  }
  return found
}

/** Alters an entry, verifies, and puts all back as it was. */
async function alteredAt(tenantId: string, place: number, fits: boolean): Promise<string | undefined> {
  const entry = `tenant_id = $1 AND entry_id = (SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq = $2)`
  const saved = await database.query<{ actor: string; text: string }>(
    `SELECT actor, entry_text AS text FROM audit_log WHERE ${entry}`,
    [tenantId, place],
  )
  const link = await database.query<{ prev_hash: Uint8Array; hash: Uint8Array }>(
    'SELECT prev_hash, hash FROM audit_chain WHERE tenant_id = $1 AND seq = $2',
    [tenantId, place],
  )
  await tamper(database, async (tx) => {
    await tx.query(
      `UPDATE audit_log SET actor = 'eve', entry_text = regexp_replace(entry_text, 'actor-[0-9]', 'eve') WHERE ${entry}`,
      [tenantId, place],
    )
    if (fits) await rehashLink(tx, tenantId, place)
  })
  const verification = await verifyAuditLog({ database, tenantId, pageSize: 7 })
  await tamper(database, async (tx) => {
    const values = [tenantId, place, saved.rows[0]?.actor, saved.rows[0]?.text]
    await tx.query(`UPDATE audit_log SET actor = $3, entry_text = $4 WHERE ${entry}`, values)
    await tx.query('UPDATE audit_chain SET prev_hash = $3, hash = $4 WHERE tenant_id = $1 AND seq = $2', [
      tenantId,
      place,
      link.rows[0]?.prev_hash,
      link.rows[0]?.hash,
    ])
  })
  return verification.ok ? undefined : verification.firstBadSequence
}

async function newFile(name: string): Promise<string> {
  const path = join(folder.path, name)
  await writeFile(path, '')
  return path
}
