import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ServiceName } from '../service.ts'
import { SERVICE_NAMES } from '../service.ts'

const CALL = /\bdescribeWithService\(\s*(?:['"`](\w+)['"`])?/g
const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+\.ts)['"]/g

/**
 * The services that test files ask for, read off their text and that of the files they import by a relative path:
 * `describeWithService('redis', ...)` asks for Redis, and with anything but a literal name for all.
 */
export function neededServices(testFiles: readonly string[]): ReadonlySet<ServiceName> {
  const needed = new Set<ServiceName>()
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file) || !existsSync(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, literal] of text.matchAll(CALL)) {
      for (const name of SERVICE_NAMES) if (literal === undefined || literal === name) needed.add(name)
    }
    for (const [, path] of text.matchAll(RELATIVE_IMPORT))
      if (path !== undefined) visit(resolve(dirname(file), path))
  }
  for (const file of testFiles) visit(file)
  return needed
}
