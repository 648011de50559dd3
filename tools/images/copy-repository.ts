import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { trackedFiles } from '../house/tracked-files.ts'

/** Copies the files of the repository as they are now, so that what is built from them later is not what somebody edits. */
export function copyRepository(to: string): void {
  for (const file of trackedFiles()) {
    if (!existsSync(file)) continue
    mkdirSync(dirname(join(to, file)), { recursive: true })
    cpSync(file, join(to, file))
  }
}
