import { writeFileSync } from 'node:fs'
import { chmod, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Programs } from '../programs/programs.ts'
import { runCommand } from '../server/run-command.ts'
import type { StartedService } from '../service.ts'
import { findPrograms } from './find-programs.ts'

const RUN_LIMIT_MS = 30_000

/**
 * Finds Chromium for tests that look at pages. Nothing runs yet: each test starts the program at the address itself, so
 * `stop`, `kill` and `restart` do nothing. Throws `ServiceUnavailableError`.
 */
export async function startChromium(): Promise<StartedService> {
  return await findPrograms('chromium', found)
}

/** The version of the Chromium at an address, such as `140.0.7339.185`. */
export async function askChromiumVersion(address: string): Promise<string> {
  const said = await runCommand(fileURLToPath(address), ['--version'], { timeLimitMs: RUN_LIMIT_MS })
  return /\d+(\.\d+)+/.exec(said)?.[0] ?? ''
}

async function found(programs: Programs): Promise<StartedService> {
  const program = join(programs.folder, 'chromium')
  const file =
    programs.libraryPath === undefined ? program : await writeStarter(program, programs.libraryPath)
  const nothing = async (): Promise<void> => undefined
  return {
    name: 'chromium',
    address: pathToFileURL(file).href,
    version: programs.version,
    how: programs.how,
    stop: nothing,
    kill: nothing,
    restart: nothing,
  }
}

/** A script that starts a program which is unpacked and not installed: with its own libraries, and its own fonts. */
async function writeStarter(program: string, libraryPath: string): Promise<string> {
  const folder = join(program, '..')
  const fonts = join(folder, '../../share/fonts')
  const configuration = join(folder, 'testkit-fonts.conf')
  const starter = join(folder, 'testkit-chromium')
  await place(
    configuration,
    `<?xml version="1.0"?>\n<fontconfig><dir>/usr/share/fonts</dir><dir>${fonts}</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n`,
  )
  await place(
    starter,
    `#!/bin/sh\nexport LD_LIBRARY_PATH='${libraryPath}' FONTCONFIG_FILE='${configuration}'\nexec '${program}' "$@"\n`,
  )
  return starter
}

/** It appears whole: others may start it at the same time. */
async function place(file: string, text: string): Promise<void> {
  const making = `${file}.${process.pid}`
  writeFileSync(making, text)
  await chmod(making, 0o755)
  await rename(making, file)
}
