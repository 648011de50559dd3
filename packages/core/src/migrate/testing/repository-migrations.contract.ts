import { describe, expect, test } from 'vitest'
import { catalogueOf } from '../migration-catalogue.ts'
import { Migrator } from '../migrator.ts'
import { readPackageMigrations } from '../read-package-migrations.ts'
import type { EmptyDatabase } from './migrator.contract.ts'

/** Tables that users know by name. */
const KNOWN_TABLES = [
  'tasks',
  'agents',
  'prompts',
  'budgets',
  'budget_transactions',
  'outbox',
  'inbox',
  'audit_log',
  'escalations',
  'dlq_messages',
  'circuit_breaker_state',
  'learning_governance',
  'learning_history',
  'peer_reviews',
]
const { migrations, modules } = catalogueOf(await readPackageMigrations(import.meta.url))

/** What the migrations of this project promise on any database. */
export function repositoryMigrationsContract(title: string, open: () => Promise<EmptyDatabase>): void {
  describe(`the migrations of this project on ${title}`, () => {
    const withDatabase = async (run: (empty: EmptyDatabase) => Promise<void>): Promise<void> => {
      const empty = await open()
      try {
        await run(empty)
      } finally {
        await empty.remove()
      }
    }

    test('are applied once, and a second run applies none', async () => {
      await withDatabase(async ({ database }) => {
        const migrator = new Migrator({ database, migrations })
        expect((await migrator.up()).applied).toHaveLength(migrations.length)
        expect((await migrator.up()).applied).toEqual([])
        expect((await migrator.verify()).pending).toEqual([])
      })
    })

    test.each(modules)('module %s can be applied alone, with what it requires', async (module) => {
      await withDatabase(async ({ database }) => {
        const report = await new Migrator({ database, migrations }).up({ modules: [module] })
        expect(report.applied.length).toBeGreaterThan(0)
        expect(new Set(report.applied.map((run) => run.module))).toEqual(new Set(report.modules))
      })
    })

    test('make every table that users know, each table with a primary key and a comment', async () => {
      await withDatabase(async ({ database }) => {
        await new Migrator({ database, migrations }).up()
        const { rows } = await database.query<{ name: string; has_key: boolean; comment: string | null }>(
          `SELECT c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment,
                  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_key
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY 1`,
        )
        expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(KNOWN_TABLES))
        expect(rows.filter((row) => !row.has_key || (row.comment ?? '') === '')).toEqual([])
      })
    })
  })
}
