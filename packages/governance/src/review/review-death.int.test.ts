import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService, randomName } from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ReviewCrashSettings } from '../testing/review-crash-process.ts'
import { criticalRejection, ReviewScene } from '../testing/review-scene.ts'
import type { NewReview } from './review-round.ts'

const PROCESS = fileURLToPath(new URL('../testing/review-crash-process.ts', import.meta.url))

describeWithService('postgres', 'a process that is killed while it closes a round', (address) => {
  let scene: ReviewScene
  let schema: Awaited<ReturnType<typeof createPostgresSchema>>

  beforeAll(async () => {
    schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
    const database = new PgDatabase({ pool })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'governance'] })
    const close = async (): Promise<void> => {
      await pool.end()
      await schema.drop()
    }
    scene = await ReviewScene.open(async () => ({ database, close }))
  })
  afterAll(() => scene.opened.close())

  const signalOf = async (settings: Omit<ReviewCrashSettings, 'pool'>): Promise<unknown> => {
    const args = [
      '--conditions=golden-arch-source',
      PROCESS,
      JSON.stringify({ ...settings, pool: schema.poolConfig }),
    ]
    const [, signal] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close')
    return signal
  }
  const prepare = async (act: ReviewCrashSettings['act']): Promise<NewReview> => {
    const review = await scene.opens({ closesEarly: true })
    if (act === 'sweep') await scene.age(review)
    return review
  }
  /** Resolves once the server has noticed that the process is dead, and let go of what it held. */
  const forgotten = async (name: string): Promise<void> => {
    const isThere = async (): Promise<boolean> => {
      const { rows } = await scene.opened.database.query(
        'SELECT pg_sleep(0.01) FROM pg_stat_activity WHERE application_name = $1',
        [name],
      )
      return rows.length > 0
    }
    while (await isThere());
  }
  /** Everything that closing the round writes, by table. */
  const writtenFor = async (review: NewReview): Promise<readonly number[]> => {
    const closes = (await scene.actionsOn(review)).filter((one) => one === 'review.close')
    const events = (await scene.eventsOf(review)).filter((one) => one === 'review.closed')
    const { status } = await scene.store.get(review)
    return [
      status === 'closed' ? 1 : 0,
      closes.length,
      events.length,
      (await scene.escalationsOf(review)).length,
    ]
  }

  it.each<Pick<ReviewCrashSettings, 'act' | 'moment' | 'diesAt'>>([
    { act: 'vote', moment: 'sent', diesAt: 'INSERT INTO peer_review_votes' },
    { act: 'vote', moment: 'before', diesAt: 'COMMIT' },
    { act: 'vote', moment: 'sent', diesAt: 'COMMIT' },
    { act: 'sweep', moment: 'sent', diesAt: 'UPDATE peer_reviews' },
    { act: 'sweep', moment: 'before', diesAt: 'INSERT INTO escalations' },
    { act: 'sweep', moment: 'before', diesAt: 'COMMIT' },
    { act: 'sweep', moment: 'sent', diesAt: 'COMMIT' },
  ])(
    'by a $act, $diesAt $moment, has closed it once or not at all; the next closes it once',
    async (death) => {
      const review = await prepare(death.act)
      const name = randomName('doomed')
      expect(await signalOf({ ...death, review, name })).toBe('SIGKILL')
      await forgotten(name)
      const left = await writtenFor(review)
      expect([
        [0, 0, 0, 0],
        [1, 1, 1, 1],
      ]).toContainEqual(left)
      if (death.moment === 'before' || death.diesAt !== 'COMMIT') expect(left).toEqual([0, 0, 0, 0])
      if (death.act === 'sweep') await scene.store.closeDue()
      else await scene.cast(review, 'security-1', criticalRejection)
      expect(await writtenFor(review)).toEqual([1, 1, 1, 1])
    },
  )
})
