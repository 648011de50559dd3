import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const BUILT_FROM = ['build-console.ts', 'index.html', 'vite.config.ts', 'tsconfig.json', 'public', 'src']

/** A hash of all that the console in `folder` is built from, and of the versions of the libraries in it. */
export function sourceHash(folder: string, lockFile: string): string {
  const hash = createHash('sha256')
  const files = BUILT_FROM.flatMap((name) => filesBelow(folder, name)).sort()
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update('\0')
  return hash.update(readFileSync(lockFile)).digest('hex')
}

function filesBelow(folder: string, name: string): readonly string[] {
  if (name.includes('.')) return [name]
  return readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
