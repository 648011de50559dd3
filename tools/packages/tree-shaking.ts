import { SourceMap, type SourceMapPayload } from 'node:module'
import { join, resolve } from 'node:path'
import { build, type OutputFile } from 'esbuild'
import { bundling, wholeModules } from './bundling.ts'
import type { PublishedPackage } from './published-packages.ts'

/** One thing that an app imports: `import { name } from 'specifier'`. */
export interface NamedImport {
  readonly specifier: string
  readonly name: string
}

/** The modules of ours that a bundle of one import contains. */
export interface ShakenBundle extends NamedImport {
  readonly modules: readonly string[]
  /** Those that the bundle of the same import from the sources does not contain: they belong to something else. */
  readonly unrelated: readonly string[]
}

/** Where a module stands in its package: `core/src/errors/golden-error.ts`. */
const OUR_MODULE = /(?:node_modules\/@golden-arch|packages)\/([a-z-]+\/src\/[^?]+\.ts)$/
/** As many bundles are held in memory at once. */
const BATCH_LENGTH = 60

/** What each subpath exports that exists at run time. */
export async function namedImports(
  app: string,
  packages: readonly PublishedPackage[],
  specifiers: readonly string[],
): Promise<readonly NamedImport[]> {
  const { metafile } = await build({
    ...bundling(app, packages, wholeModules(specifiers)),
    metafile: true,
  })
  const outputs = Object.entries(metafile.outputs)
  return specifiers.flatMap((specifier, index) => {
    const output = outputs.find(([path]) => path.endsWith(`/${index}.js`))
    return (output?.[1].exports ?? []).map((name) => ({ specifier, name }))
  })
}

/**
 * Bundles each import alone, from the packages that `app` has installed, and says which modules came with it that it does not use.
 * What it uses is what the bundler keeps of the sources, where each module is a file of its own.
 */
export async function shakeImports(
  app: string,
  packages: readonly PublishedPackage[],
  imports: readonly NamedImport[],
): Promise<readonly ShakenBundle[]> {
  const bundles: ShakenBundle[] = []
  for (let start = 0; start < imports.length; start += BATCH_LENGTH) {
    bundles.push(...(await shakeBatch(app, packages, imports.slice(start, start + BATCH_LENGTH))))
  }
  return bundles
}

async function shakeBatch(
  app: string,
  packages: readonly PublishedPackage[],
  imports: readonly NamedImport[],
): Promise<readonly ShakenBundle[]> {
  const programs = imports.map(({ specifier, name }) => `export { ${name} } from '${specifier}'`)
  const installed = await build({
    ...bundling(app, packages, programs),
    sourcemap: 'external',
    sourcesContent: false,
  })
  const repository = resolve('.')
  const sources = await build({
    ...bundling(repository, packages, programs),
    conditions: ['golden-arch-source'],
    metafile: true,
  })
  const kept = Object.entries(sources.metafile.outputs)
  return imports.map((each, index) => {
    const output = kept.find(([path]) => path.endsWith(`bundles/${index}.js`))?.[1]
    const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    const needed = new Set(used.map(([path]) => OUR_MODULE.exec(path)?.[1]))
    const modules = modulesOf(installed.outputFiles, join(app, 'bundles', `${index}.js`))
    return { ...each, modules, unrelated: modules.filter((module) => !needed.has(module)) }
  })
}

/** Our modules whose code stands in a bundle, by its source map. */
function modulesOf(files: readonly OutputFile[], path: string): readonly string[] {
  const code = files.find((file) => file.path === path)?.text
  const map = files.find((file) => file.path === `${path}.map`)?.text
  if (code === undefined || map === undefined) throw new Error(`no bundle ${path}`)
  // Written by the bundler in the form that the standard names.
  const lookup = new SourceMap(JSON.parse(map) as SourceMapPayload)
  const found = new Set<string>()
  for (const [line, text] of code.split('\n').entries()) {
    const entry = lookup.findEntry(line, text.search(/\S|$/))
    const module = 'originalSource' in entry ? OUR_MODULE.exec(entry.originalSource)?.[1] : undefined
    if (module !== undefined) found.add(module)
  }
  return [...found].sort()
}
