import type { Migration } from './migration.ts'
import { MigrationError } from './migration-error.ts'

/** All migrations that a runner knows, in order of version. */
export interface MigrationCatalogue {
  readonly migrations: readonly Migration[]
  /** The modules that own them, in order of name. */
  readonly modules: readonly string[]
}

/** The part of a catalogue that a call is about. */
export interface MigrationSelection {
  readonly migrations: readonly Migration[]
  /** The modules asked for and those that they require, in order of name. */
  readonly modules: readonly string[]
  /** The modules that nobody asked for and that others require. */
  readonly includedModules: readonly string[]
}

/**
 * Puts migrations from one or several folders in order. The same file found twice, by name and checksum, is one.
 * @throws MigrationError `MIGRATION_VERSION_DUPLICATE` when two different files share a version;
 * `MIGRATION_REQUIREMENT_MISSING` when a file requires a module that has no file with a lower version.
 */
export function catalogueOf(migrations: readonly Migration[]): MigrationCatalogue {
  const byVersion = new Map<number, Migration>()
  for (const migration of migrations) {
    const twin = byVersion.get(migration.version)
    if (twin !== undefined && !isSameFile(twin, migration)) throw duplicate(twin, migration)
    byVersion.set(migration.version, migration)
  }
  const ordered = [...byVersion.values()].sort((one, other) => one.version - other.version)
  const earlier = new Set<string>()
  for (const migration of ordered) {
    for (const required of migration.requires) if (!earlier.has(required)) throw missing(migration, required)
    earlier.add(migration.module)
  }
  return { migrations: ordered, modules: [...earlier].sort() }
}

/**
 * The migrations of `modules` and of every module that they require, however far; of all modules when undefined.
 * @throws MigrationError `MIGRATION_MODULE_UNKNOWN` when a module has no file.
 */
export function selectModules(
  catalogue: MigrationCatalogue,
  modules: readonly string[] | undefined,
): MigrationSelection {
  if (modules === undefined) return { ...catalogue, includedModules: [] }
  for (const module of modules)
    if (!catalogue.modules.includes(module)) throw unknown(module, catalogue.modules)
  const selected = new Set(modules)
  // A set visits what is added while it is walked, so this reaches the requirements of requirements.
  for (const module of selected) {
    for (const migration of catalogue.migrations) {
      if (migration.module === module) for (const required of migration.requires) selected.add(required)
    }
  }
  return {
    migrations: catalogue.migrations.filter((migration) => selected.has(migration.module)),
    modules: [...selected].sort(),
    includedModules: [...selected].filter((module) => !modules.includes(module)).sort(),
  }
}

function isSameFile(one: Migration, other: Migration): boolean {
  return one.fileName === other.fileName && one.checksum === other.checksum
}

function duplicate(one: Migration, other: Migration): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_VERSION_DUPLICATE',
    message: `${one.fileName} (${one.checksum}) and ${other.fileName} (${other.checksum}) have one version`,
    details: {
      version: one.version,
      fileNames: [one.fileName, other.fileName],
      checksums: [one.checksum, other.checksum],
    },
  })
}

function missing(migration: Migration, required: string): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_REQUIREMENT_MISSING',
    message: `${migration.fileName} requires module ${required}, of which no file has a lower version`,
    details: { version: migration.version, module: migration.module, requires: required },
  })
}

function unknown(module: string, known: readonly string[]): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_MODULE_UNKNOWN',
    message: `no migration of module ${module}; there are: ${known.join(', ') || 'none'}`,
    details: { module, known },
  })
}
