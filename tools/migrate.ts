/**
 * Applies the migrations of this repository. Usage: node --conditions=golden-arch-source tools/migrate.ts <command>
 * [options]; see `packages/core/src/migrate/cli-arguments.ts`. The folder is `migrations` unless another is given.
 */
import { runMigrateCli } from '../packages/core/src/migrate/cli.ts'

const given = process.argv.slice(2)
process.exitCode = await runMigrateCli({
  argv: given.some((word) => word.startsWith('--folder')) ? given : [...given, '--folder', 'migrations'],
  environment: process.env,
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
})
