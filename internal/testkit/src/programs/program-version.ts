import { join } from 'node:path'
import { libraryEnvironment } from '../server/private-server.ts'
import { runCommand } from '../server/run-command.ts'
import { unprivilegedUser } from '../server/unprivileged-user.ts'
import type { ServiceName } from '../service.ts'
import { VERSION_FLOORS } from '../service.ts'
import { PROGRAM_NAMES } from './programs.ts'

const VERSION_LIMIT_MS = 5_000

/** Runs the server of `name` in `folder` with `--version`, as the user it will run as, and returns the version. */
export async function readProgramVersion(
  name: ServiceName,
  folder: string,
  libraryPath?: string,
): Promise<string> {
  const said = await runCommand(join(folder, PROGRAM_NAMES[name][0]), ['--version'], {
    timeLimitMs: VERSION_LIMIT_MS,
    env: libraryEnvironment(libraryPath),
    user: unprivilegedUser(),
  })
  const version = /\d+(\.\d+)+/.exec(said)?.[0]
  if (version === undefined) throw new Error(`no version in ${JSON.stringify(said.slice(0, 100))}`)
  return version
}

/** Whether `version` (such as `2.10.27`) is at least the floor of the service and of the wanted major version, if any. */
export function isAcceptable(name: ServiceName, version: string, wantedMajor?: string): boolean {
  const numbers = version.split('.').map(Number)
  if (wantedMajor !== undefined && numbers[0] !== Number(wantedMajor)) return false
  for (const [index, floor] of VERSION_FLOORS[name].entries()) {
    const number = numbers[index] ?? 0
    if (number !== floor) return number > floor
  }
  return true
}

/** The floor of a service, for messages: `2.10`. */
export function floorText(name: ServiceName): string {
  return VERSION_FLOORS[name].join('.')
}
