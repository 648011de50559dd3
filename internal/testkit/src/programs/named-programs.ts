import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { ServiceName } from '../service.ts'
import { programVersion } from './program-version.ts'
import type { Programs } from './programs.ts'
import { PROGRAM_NAMES } from './programs.ts'

/** The variable that names the folder of a service's programs, such as `TESTKIT_REDIS_PROGRAMS`. */
function programsVariable(name: ServiceName): string {
  return `TESTKIT_${name.toUpperCase()}_PROGRAMS`
}

/** Whether the environment names the programs of a service. */
export function areProgramsNamed(name: ServiceName, environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment[programsVariable(name)] ?? '') !== ''
}

/**
 * The programs that the environment names, of whatever version: who names them wants to know how they do. Throws when the
 * folder has them not, or they do not run.
 */
export async function findNamedPrograms(
  name: ServiceName,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Programs> {
  const variable = programsVariable(name)
  const folder = environment[variable] ?? ''
  if (!isAbsolute(folder))
    throw new Error(`${variable} must be an absolute path; received ${JSON.stringify(folder)}`)
  const missing = PROGRAM_NAMES[name].filter((program) => !existsSync(join(folder, program)))
  if (missing.length > 0) throw new Error(`${variable}: no ${missing.join(', ')} in ${folder}`)
  return { folder, version: await programVersion(name, folder), how: 'named' }
}
