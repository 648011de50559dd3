import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import {
  createPostgresSchema,
  describeWithService,
  type PostgresSchema,
  randomName,
} from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkAfterDeath, prepareDeath } from './testing/after-deaths.ts'
import type { LearningSettings } from './testing/learning-process.ts'
import { type PatternScene, patternScene } from './testing/pattern-scene.ts'

describeWithService('postgres', 'a pattern supervisor that is killed with SIGKILL', (address) => {
  let schema: PostgresSchema
  let pool: pg.Pool
  let scene: PatternScene
  beforeAll(async () => {
    schema = await createPostgresSchema(address)
    pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
    const database = new PgDatabase({ pool })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'governance'] })
    scene = await patternScene(database)
  })
  afterAll(async () => {
    await pool.end()
    await schema.drop()
  })

  const learnAndDie = async (settings: LearningSettings): Promise<unknown> => {
    const path = fileURLToPath(new URL('testing/learning-process.ts', import.meta.url))
    const args = ['--conditions=golden-arch-source', path, JSON.stringify(settings)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const [code, signal] = await once(child, 'close')
    return signal ?? code
  }

  // Between what learning governance did and the note of it: there most is to be found again. The proof dies everywhere.
  for (const { what, deaths, worst } of [
    { what: 'proposing', deaths: 4, worst: 3 },
    { what: 'rolling-back', deaths: 5, worst: 4 },
  ] as const) {
    const everywhere = Array.from({ length: deaths + 1 }, (_, index) => index + 1)
    const places = process.env.PATTERN_KILLS === 'everywhere' ? everywhere : [worst]
    it(`while ${what}, leaves to the next what is to be done, and nothing is done twice`, async () => {
      for (const last of places) {
        const tenantId = randomName('t')
        await prepareDeath(scene, tenantId, what)
        const end = await learnAndDie({ pool: schema.poolConfig, tenantId, last })
        expect(end).toBe(last <= deaths ? 'SIGKILL' : 0)
        await checkAfterDeath(scene, tenantId, what, `killed after call ${last}`)
      }
    })
  }
})
