import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { ServiceName } from '../service.ts'
import { reasonOf } from '../service-error.ts'
import { checkPrograms } from './program-version.ts'
import type { Programs } from './programs.ts'
import { PROGRAM_NAMES } from './programs.ts'

/** Folders of which each subfolder is one installed version of PostgreSQL, with its programs in `bin`. */
const POSTGRES_ROOTS = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt']

/** Finds programs that are installed on this machine, of the newest acceptable version. */
export async function findInstalledPrograms(name: ServiceName, major?: string): Promise<Programs> {
  const reasons: string[] = []
  for (const folder of candidateFolders(name)) {
    if (!PROGRAM_NAMES[name].every((program) => existsSync(join(folder, program)))) continue
    try {
      return { folder, version: await checkPrograms(name, folder, undefined, major), how: 'installed' }
    } catch (error) {
      reasons.push(reasonOf(error))
    }
  }
  throw new Error(reasons.length === 0 ? 'not installed' : reasons.join(', '))
}

function candidateFolders(name: ServiceName): readonly string[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  const homebrew = ['/opt/homebrew/bin', '/usr/local/bin']
  const versions = name === 'postgres' ? POSTGRES_ROOTS.flatMap(versionFolders) : []
  return [...new Set([...versions, ...onPath, ...homebrew, '/usr/sbin'])]
}

function versionFolders(root: string): readonly string[] {
  if (!existsSync(root)) return []
  const major = (folder: string): number => Number(/\d+$/.exec(folder)?.[0] ?? 0)
  return readdirSync(root)
    .filter((folder) => /^(postgresql@)?\d+$/.test(folder))
    .sort((a, b) => major(b) - major(a))
    .map((folder) => join(root, folder, 'bin'))
}
