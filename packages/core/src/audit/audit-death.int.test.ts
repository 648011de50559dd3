import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeWithService, type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aftermathOf } from './testing/after-crashes.ts'
import type { CrashSettings, DeathPoint } from './testing/audit-crash-process.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'
import { startCrashProcess } from './testing/start-crash-process.ts'

describeWithService('postgres', 'a writer and linker that is killed', (address) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const keys = new Map([['k-1', publicKey]])
  let opened: Awaited<ReturnType<typeof openAuditPostgres>>
  let folder: TemporaryFolder

  beforeAll(async () => {
    opened = await openAuditPostgres(address)
    folder = await temporaryFolder('audit-death')
  })
  afterAll(async () => {
    await opened.close()
    await folder.remove()
  })

  it.each<{ dies: DeathPoint; least: number }>([
    { dies: 'amid-writes', least: 5 },
    { dies: 'before-commit', least: 19 },
    { dies: 'amid-links', least: 20 },
    { dies: 'before-note', least: 20 },
  ])('$dies has lost nothing that was confirmed and linked nothing twice', async ({ dies, least }) => {
    const checkpointFile = join(folder.path, `${dies}.ndjson`)
    await writeFile(checkpointFile, '')
    const tenantId = dies
    const confirmed: number[] = []
    for (const first of [0, 1000]) {
      const settings: CrashSettings = {
        database: opened.poolConfig,
        tenantId,
        first,
        dies,
        checkpointFile,
        keyId: 'k-1',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
      const child = startCrashProcess(settings)
      expect(await child.ended).toBe('SIGKILL')
      expect(child.confirmed.length).toBeGreaterThanOrEqual(least)
      confirmed.push(...child.confirmed)
    }
    const after = await aftermathOf(opened.database, tenantId, confirmed, { keys, checkpointFile })
    expect(after).toMatchObject({
      lost: 0,
      twice: 0,
      verification: { ok: true, entries: after.stored, waiting: 0 },
    })
  })
})
