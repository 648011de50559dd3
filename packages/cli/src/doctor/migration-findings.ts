import type { StatusReport } from '@golden-arch/core/migrate'
import { type Finding, ok, wrong } from './finding.ts'

/** Judges where the migrations stand. */
export function migrationFindings({ records, pending, problems }: StatusReport): readonly Finding[] {
  return [
    ...problems.map(({ code, message }) =>
      wrong(
        'error',
        'migrations.problem',
        `${code}: ${message}`,
        'as it says; golden-arch migrate --help lists the means',
      ),
    ),
    pending.length === 0
      ? ok('migrations.pending', `${records.length} applied, none waits`)
      : wrong(
          'error',
          'migrations.pending',
          `${pending.length === 1 ? '1 waits' : `${pending.length} wait`}: ${pending.map(({ version, name }) => `${String(version).padStart(3, '0')} ${name}`).join(', ')}`,
          'golden-arch migrate up',
        ),
  ]
}
