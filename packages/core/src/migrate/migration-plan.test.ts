import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Migration, parseMigration } from './migration.ts'
import { catalogueOf, selectModules } from './migration-catalogue.ts'
import { planMigrations } from './migration-plan.ts'
import type { MigrationRecord } from './migration-record.ts'

function file(version: number, module: string, requires = '', body = `SELECT ${version}`): Migration {
  const header = `-- module: ${module}${requires === '' ? '' : `; requires: ${requires}`}\n`
  return parseMigration(`${String(version).padStart(3, '0')}_step.sql`, Buffer.from(`${header}${body};\n`))
}

function recordOf(migration: Migration, change: Partial<MigrationRecord> = {}): MigrationRecord {
  const { version, name, module, checksum } = migration
  const facts = {
    version,
    name,
    module,
    checksum,
    appliedAt: new Date(0),
    appliedBy: 'me',
    runnerVersion: '1',
  }
  // The change stays within one state of the union: no test gives a running record a duration.
  return { ...facts, state: 'done', durationMs: 1, ...change } as MigrationRecord
}

const codes = (plan: { problems: readonly { code: string }[] }) => plan.problems.map(({ code }) => code)

describe('a catalogue', () => {
  test('takes one file found in two folders for one, and refuses two files with one version with both hashes', () => {
    const [one, other] = [file(1, 'a'), file(1, 'a', '', 'SELECT 9')]
    expect(catalogueOf([one, file(2, 'b'), one]).migrations).toHaveLength(2)
    expect(() => catalogueOf([one, other])).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_VERSION_DUPLICATE',
        details: expect.objectContaining({ checksums: [one.checksum, other.checksum] }),
      }),
    )
  })

  test('refuses a requirement that no earlier file meets', () => {
    const refused = expect.objectContaining({
      code: 'MIGRATION_REQUIREMENT_MISSING',
      message: expect.stringContaining('001_step.sql requires module b'),
      details: { version: 1, module: 'a', requires: 'b' },
    })
    expect(() => catalogueOf([file(1, 'a', 'b')])).toThrow(refused)
    expect(() => catalogueOf([file(1, 'a', 'b'), file(2, 'b')])).toThrow(refused)
  })

  test('selects a module with all that it requires, says what was included, and refuses an unknown module', () => {
    const catalogue = catalogueOf([file(1, 'a'), file(2, 'b', 'a'), file(3, 'c', 'b'), file(4, 'd')])
    expect(selectModules(catalogue, ['c'])).toMatchObject({
      modules: ['a', 'b', 'c'],
      includedModules: ['a', 'b'],
    })
    expect(selectModules(catalogue, undefined)).toMatchObject({
      modules: ['a', 'b', 'c', 'd'],
      includedModules: [],
    })
    expect(() => selectModules(catalogue, ['x'])).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_MODULE_UNKNOWN',
        message: expect.stringContaining('module x; there are: a, b, c, d'),
        details: { module: 'x', known: ['a', 'b', 'c', 'd'] },
      }),
    )
    expect(() => selectModules(catalogueOf([]), ['x'])).toThrow('there are: none')
  })
})

describe('a plan', () => {
  const files = [file(1, 'a'), file(2, 'b'), file(3, 'a')] as const
  const all = selectModules(catalogueOf(files), undefined)

  test('keeps order within a module and lets modules be added in any order', () => {
    expect(planMigrations(all, [recordOf(files[0]), recordOf(files[2])])).toMatchObject({
      pending: [files[1]],
      problems: [],
    })
    expect(codes(planMigrations(all, [recordOf(files[2])]))).toEqual(['MIGRATION_OUT_OF_ORDER'])
    expect(planMigrations(all, [recordOf(files[2])], { allowOutOfOrder: true })).toMatchObject({
      pending: [files[0], files[1]],
      problems: [],
    })
  })

  test('refuses drift, a missing file and a file out of order with both hashes', () => {
    const [first, , third] = files
    const drifted = planMigrations(all, [recordOf(first, { checksum: 'f'.repeat(64) })])
    expect(drifted.problems[0]?.details).toMatchObject({
      fileChecksum: first.checksum,
      recordedChecksum: 'f'.repeat(64),
    })
    const gone = planMigrations(all, [recordOf(file(9, 'a'), { checksum: third.checksum })])
    expect(
      gone.problems.map(({ code, details }) => [code, details.fileChecksum, details.recordedChecksum]),
    ).toEqual([
      ['MIGRATION_OUT_OF_ORDER', first.checksum, third.checksum],
      ['MIGRATION_OUT_OF_ORDER', third.checksum, third.checksum],
      ['MIGRATION_FILE_MISSING', null, third.checksum],
    ])
    expect(gone.problems[2]?.message).toContain('003_step.sql has the same content')
  })

  test('refuses a renamed file, and a version that another module holds', () => {
    expect(codes(planMigrations(all, [recordOf(files[0], { name: 'other' })]))).toEqual(['MIGRATION_DRIFT'])
    expect(codes(planMigrations(all, [recordOf(files[1], { module: 'z' })]))).toEqual([
      'MIGRATION_VERSION_TAKEN',
    ])
  })

  test('refuses to go on after a file that was begun and did not end', () => {
    expect(codes(planMigrations(all, [recordOf(files[0], { state: 'running' })]))).toEqual([
      'MIGRATION_INTERRUPTED',
    ])
  })

  test('leaves records of modules that were not selected alone', () => {
    const onlyB = selectModules(catalogueOf(files), ['b'])
    const records = [recordOf(files[0], { checksum: '0'.repeat(64) }), recordOf(file(8, 'other'))]
    expect(planMigrations(onlyB, records)).toMatchObject({ pending: [files[1]], problems: [] })
  })

  test('has no problem, and exactly the rest pending, after any prefix of each module', () => {
    const modules = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(modules, fc.infiniteStream(fc.nat(20)), (owners, stream) => {
        const generated = owners.map((owner, index) => file(index + 1, owner))
        const prefix = new Map(['a', 'b', 'c'].map((owner) => [owner, stream.next().value ?? 0]))
        const applied = generated.filter(({ module, version }) => version <= (prefix.get(module) ?? 0))
        const plan = planMigrations(
          selectModules(catalogueOf(generated), undefined),
          applied.map((one) => recordOf(one)),
        )
        expect(plan.problems).toEqual([])
        expect(plan.pending).toEqual(generated.filter((one) => !applied.includes(one)))
      }),
    )
  })
})
