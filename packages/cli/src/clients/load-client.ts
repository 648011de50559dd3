import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../cli-error.ts'

/**
 * Loads the client package `name`: the application's own in `folder`, or else the one beside this package. The caller
 * says what the module is.
 * @throws CliError `CLIENT_MISSING`.
 */
export async function loadClient<Module>(name: string, folder: string): Promise<Module> {
  const path = resolveFrom(folder, name) ?? resolveFrom(import.meta.dirname, name)
  if (path === undefined) {
    throw new CliError({
      code: 'CLIENT_MISSING',
      message: `the package ${name} is not installed: npm install ${name}`,
      details: { package: name },
    })
  }
  return import(pathToFileURL(path).href)
}

/** The path that `name` leads to for code in `folder`; undefined where it leads nowhere. */
export function resolveFrom(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name)
  } catch {
    return undefined
  }
}
