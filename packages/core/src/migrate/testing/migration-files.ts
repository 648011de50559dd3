import { type Migration, parseMigration } from '../migration.ts'

/** Migrations from the texts of their files, by file name. */
export function migrationsOf(files: Readonly<Record<string, string>>): readonly Migration[] {
  return Object.entries(files).map(([fileName, text]) => parseMigration(fileName, Buffer.from(text, 'utf8')))
}
