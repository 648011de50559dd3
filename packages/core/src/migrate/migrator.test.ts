import { invalidOption } from '@golden-arch/testkit/options'
import { emptyPglite } from '@golden-arch/testkit/pglite'
import { afterAll, describe, expect, test } from 'vitest'
import { PgliteDatabase, type SqlDatabase, type SqlSession } from '../storage/index.ts'
import { FakeClock } from '../time/testing/index.ts'
import { Migrator } from './migrator.ts'
import { migrationsOf } from './testing/migration-files.ts'
import { type EmptyDatabase, migratorContract } from './testing/migrator.contract.ts'
import { repositoryMigrationsContract } from './testing/repository-migrations.contract.ts'

const database = await PgliteDatabase.open({ create: emptyPglite })
afterAll(() => database.close())

/** One instance serves all tests: to start another takes longer than a test. */
async function open(): Promise<EmptyDatabase> {
  return { database, remove: () => database.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public') }
}

migratorContract('PGlite', open)
repositoryMigrationsContract('PGlite', open)

test('a migrator refuses options out of their range', () => {
  const bad: readonly (readonly [option: string, value: unknown, rule?: string])[] = [
    ['lockWaitMs', -1],
    ['lockWaitMs', Number.NaN],
    ['lockTimeoutMs', 0],
    ['lockTimeoutMs', 0.5],
    ['statementTimeoutMs', 2 ** 31],
    ['statementTimeoutMs', Number.POSITIVE_INFINITY],
    ['migrations', undefined, 'a list of migrations'],
    ['migrations', 'folder', 'a list of migrations'],
    ['migrations', [null], 'a list of migrations'],
  ]
  for (const [option, value, rule] of bad) {
    // What a caller without types may pass.
    const options = { database, migrations: [], [option]: value }
    expect(() => new Migrator(options)).toThrow(invalidOption(option, rule))
  }
})

/**
 * A database that takes statements and never answers from the `from`th statement of its session on. As in our adapters
 * the session is lost once one of its statements was given up.
 */
function silentFrom(from: number): { readonly silent: SqlDatabase; readonly fellSilent: Promise<void> } {
  const { promise: fellSilent, resolve } = Promise.withResolvers<void>()
  let statements = 0
  let isLost = false
  const query: SqlSession['query'] = (text, values, options) => {
    if (++statements < from) return database.query(text, values, options)
    if (isLost) return Promise.reject(new Error('lost'))
    resolve()
    const { promise, reject } = Promise.withResolvers<never>()
    options?.signal?.addEventListener('abort', () => (isLost = true), { once: true })
    options?.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true })
    return promise
  }
  const session: SqlSession = {
    scope: 'session',
    query,
    script: (text) => database.script(text),
    transaction: (run, options) =>
      database.transaction(
        (tx) => run({ ...tx, scope: 'transaction', query, script: (text) => tx.script(text) }),
        options,
      ),
  }
  const silent: SqlDatabase = {
    capabilities: database.capabilities,
    query,
    script: (text) => database.script(text),
    transaction: (run, options) => database.transaction(run, options),
    session: (run) => run(session),
  }
  return { silent, fellSilent }
}

describe.each(['status', 'verify', 'up', 'dryRun', 'baseline', 'repair'] as const)(
  '%s on a database that falls silent',
  (method) => {
    const migrations = migrationsOf({ '001_a.sql': '-- module: a\nSELECT 1;' })
    const call = (database: SqlDatabase, options: { signal?: AbortSignal; clock?: FakeClock }) => {
      const { clock, ...rest } = options
      const migrator = new Migrator({ database, migrations, ...(clock === undefined ? {} : { clock }) })
      return migrator[method]({ through: 1, ...rest })
    }

    test.each([1, 2])('ends with its signal, from statement %i on', async (from) => {
      const { silent, fellSilent } = silentFrom(from)
      const controller = new AbortController()
      const run = call(silent, { signal: controller.signal })
      await Promise.race([fellSilent, run])
      controller.abort('enough')
      await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
    })

    test.each([1, 2])('ends after a minute without an answer, from statement %i on', async (from) => {
      const { silent, fellSilent } = silentFrom(from)
      const clock = new FakeClock()
      const run = call(silent, { clock })
      run.catch(() => undefined)
      await Promise.race([fellSilent, run])
      for (let minute = 0; minute < 5; minute++) await clock.advance(60_000)
      await expect(run).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true })
    })
  },
)
