import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Programs } from '../programs/programs.ts'
import { rootFolder } from '../programs/root-folder.ts'
import { runCommand } from '../server/run-command.ts'
import { unprivilegedUser } from '../server/unprivileged-user.ts'
import type { StartedService } from '../service.ts'
import { findPrograms } from './find-programs.ts'

const RUN_LIMIT_MS = 10_000
/** A sandbox that sees the whole machine: whether namespaces can be made is all that is asked. */
const TRIAL = ['--unshare-all', '--unshare-user', '--ro-bind', '/', '/', '--proc', '/proc', '--', '/bin/true']

/**
 * Finds bubblewrap, at least 0.5, and proves that it can make sandboxes on this machine as an unprivileged user. There is
 * nothing that runs, so `stop`, `kill` and `restart` do nothing. Throws `ServiceUnavailableError`.
 */
export async function startBubblewrap(): Promise<StartedService> {
  return await findPrograms('bubblewrap', proven)
}

/** The version of the bubblewrap at an address, such as `0.8.0`. */
export async function askBubblewrapVersion(address: string): Promise<string> {
  const said = await runCommand(fileURLToPath(address), ['--version'], { timeLimitMs: RUN_LIMIT_MS })
  return /\d+(\.\d+)+/.exec(said)?.[0] ?? ''
}

async function proven({ folder, version, how }: Programs): Promise<StartedService> {
  const file = join(folder, 'bwrap')
  await runCommand(file, TRIAL, { timeLimitMs: RUN_LIMIT_MS, user: unprivilegedUser() })
  // Those who ask for bubblewrap want interpreters, too.
  await rootFolder('python')
  const nothing = async (): Promise<void> => undefined
  return {
    name: 'bubblewrap',
    address: pathToFileURL(file).href,
    version,
    how,
    stop: nothing,
    kill: nothing,
    restart: nothing,
  }
}
