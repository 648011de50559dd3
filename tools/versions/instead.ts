/**
 * Loaded before a program: whoever imports the package that INSTEAD_NAME names, from wherever, gets the one that is installed
 * in INSTEAD_FOLDER. Processes that the program starts inherit that.
 */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const { INSTEAD_NAME: name = '', INSTEAD_FOLDER: folder = '' } = process.env
const parentURL = pathToFileURL(join(folder, 'package.json')).href
const inFolder = pathToFileURL(join(folder, 'node_modules')).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (context.parentURL?.startsWith(inFolder)) return nextResolve(specifier, context)
    if (specifier === name || specifier.startsWith(`${name}/`))
      return nextResolve(specifier, { ...context, parentURL })
    const resolved = nextResolve(specifier, context)
    // Vitest names the file that it has found by itself, with no word of the package.
    const rest = resolved.url.split(`/node_modules/${name}/`)
    if (rest.length !== 2 || resolved.url.startsWith(inFolder)) return resolved
    const same = `${inFolder}/${name}/${rest[1]}`
    const isEntry = resolved.url === nextResolve(name, { ...context, parentURL: import.meta.url }).url
    if (isEntry || !existsSync(fileURLToPath(same))) return nextResolve(name, { ...context, parentURL })
    return nextResolve(context.conditions.includes('require') ? fileURLToPath(same) : same, context)
  },
})
