import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A subpath that a package exports, and the source folder behind it. */
export interface Subpath {
  /** As in package.json's `exports`: `.` or `./errors`. */
  readonly subpath: string
  /** Folder below `src`, with forward slashes; empty for the root. */
  readonly folder: string
}

/**
 * The subpaths of the package at `packageFolder`, read off its folders: `src/index.ts` is the root,
 * `src/x/index.ts` is `./x`, `src/adapters/x/index.ts` is `./x`, `src/x/adapters/y/index.ts` is `./x/y`, and `testing`
 * folders follow their parent.
 */
export function listSubpaths(packageFolder: string): readonly Subpath[] {
  const source = join(packageFolder, 'src')
  const found: Subpath[] = []
  const visit = (folder: string, subpath: string): void => {
    if (existsSync(join(source, folder, 'index.ts'))) found.push({ subpath, folder })
    for (const entry of readdirSync(join(source, folder), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue
      const child = folder === '' ? entry.name : `${folder}/${entry.name}`
      const isAdapters = entry.name === 'adapters'
      const isBelowRoom = folder === '' || folder === 'adapters' || folder.endsWith('/adapters')
      if (entry.name === 'testing' || isAdapters || isBelowRoom) {
        visit(child, isAdapters ? subpath : `${subpath}/${entry.name}`)
      }
    }
  }
  visit('', '.')
  return found.sort((a, b) => (a.subpath < b.subpath ? -1 : 1))
}

/** The `exports` of a package with these subpaths. */
export function exportsOf(subpaths: readonly Subpath[]): Record<string, unknown> {
  const entries = subpaths.map(({ subpath, folder }) => {
    const path = folder === '' ? 'index' : `${folder}/index`
    return [
      subpath,
      {
        'golden-arch-source': `./src/${path}.ts`,
        types: `./dist/${path}.d.ts`,
        default: `./dist/${path}.js`,
      },
    ]
  })
  return { ...Object.fromEntries(entries), './package.json': './package.json' }
}
