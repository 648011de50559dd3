import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { SandboxError } from '../../sandbox-error.ts'

/**
 * The folder of Pyodide, without links on the way to it, as permissions know it: the one given, or the package's as this package
 * sees it.
 * @throws SandboxError `SANDBOX_INFRA` where there is none.
 */
export function findPyodide(given: string | undefined): string {
  try {
    const folder = given ?? dirname(createRequire(import.meta.url).resolve('pyodide/package.json'))
    return realpathSync(folder)
  } catch (cause) {
    const what = given === undefined ? 'the package pyodide is not installed' : `there is no folder ${given}`
    throw SandboxError.infra(what, cause)
  }
}
