import { resolve } from 'node:path'

/**
 * The absolute path of `path` as the caller means it: npm runs a script in the folder of its package and leaves in
 * `INIT_CWD` where it was called.
 */
export function callerPath(path: string, environment: Readonly<Record<string, string | undefined>>): string {
  return resolve(environment.INIT_CWD ?? '.', path)
}
