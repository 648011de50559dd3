import { join } from 'node:path'
import { libraryEnvironment } from '../server/private-server.ts'
import { runCommand } from '../server/run-command.ts'
import { unprivilegedUser } from '../server/unprivileged-user.ts'
import type { ServiceName } from '../service.ts'
import { VERSION_FLOORS } from '../service.ts'
import { PROGRAM_NAMES } from './programs.ts'

/** A machine that does much else may take seconds to load a large program for the first time. */
const VERSION_LIMIT_MS = 30_000

/** Runs each program of `name` in `folder` with `--version`, as the user that it will run as, and returns the version of the first. */
export async function programVersion(
  name: ServiceName,
  folder: string,
  libraryPath?: string,
): Promise<string> {
  const said = await Promise.all(
    PROGRAM_NAMES[name].map((program) =>
      runCommand(join(folder, program), ['--version'], {
        timeLimitMs: VERSION_LIMIT_MS,
        env: libraryEnvironment(libraryPath),
        user: unprivilegedUser(),
      }),
    ),
  )
  const version = /\d+(\.\d+)+/.exec(said[0] ?? '')?.[0]
  if (version === undefined) throw new Error(`no version in ${JSON.stringify(said[0]?.slice(0, 100))}`)
  return version
}

/** As {@link programVersion}; throws when the version is too old or not of the wanted major. */
export async function checkPrograms(
  name: ServiceName,
  folder: string,
  libraryPath?: string,
  wantedMajor?: string,
): Promise<string> {
  const version = await programVersion(name, folder, libraryPath)
  if (!isAcceptable(name, version, wantedMajor)) {
    throw new Error(`version ${version}; wanted: ${wantedMajor ?? `at least ${floorText(name)}`}`)
  }
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
