import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own for one test. */
export interface TemporaryFolder {
  readonly path: string
  /** Removes it and all it holds; calling it again does nothing. */
  remove(): Promise<void>
}

/** Makes an empty folder, readable by this user alone, below the machine's folder for temporary files. */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `${prefix}-`))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}
