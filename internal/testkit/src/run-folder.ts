import { join } from 'node:path'
import { temporaryFolder } from './isolation/temporary-folder.ts'
import { startWatchdog } from './server/watchdog.ts'

const VARIABLE = 'TESTKIT_RUN_FOLDER'

/** A folder for what the files of one test run make once and share; undefined outside a run. */
export function runFolder(): string | undefined {
  return process.env[VARIABLE]
}

/** Makes that folder for this process and those it starts; call what it gives when the run is over. */
export async function makeRunFolder(): Promise<() => Promise<void>> {
  const folder = await temporaryFolder('test-run')
  // It goes with the run, however that ends.
  const watchdog = startWatchdog('rm -rf "$1"', [folder.path])
  process.env[VARIABLE] = folder.path
  // Hundreds of processes load the same modules; half of what the start of a server costs is to compile them.
  process.env.NODE_COMPILE_CACHE ??= join(folder.path, 'compiled')
  return () => watchdog.release()
}
