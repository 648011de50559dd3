import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trackedFiles } from './house/tracked-files.ts'
import { markdownExamples } from './markdown-examples.ts'
import { publishedPackages } from './packages/published-packages.ts'

/** Where the examples stand in an app. */
const FOLDER = 'pasted'

/** An example as an app that has installed the packages pastes it. */
export interface PackageExample {
  /** From the folder of the app. */
  readonly fileName: string
  readonly code: string
  readonly isRunnable: boolean
  /** The packages of others that it imports. */
  readonly clients: readonly string[]
}

/** The examples of all READMEs and of all pages below docs. */
export function packageExamples(): readonly PackageExample[] {
  const pages = trackedFiles().filter((file) => file.startsWith('docs/') && file.endsWith('.md'))
  const files = [
    'README.md',
    ...publishedPackages()
      .map(({ folder }) => join(folder, 'README.md'))
      .filter((file) => existsSync(file)),
    ...pages,
  ]
  return markdownExamples(files).map(({ file, line, code, isRunnable }) => ({
    fileName: `${FOLDER}/${file.replaceAll(/\W+/g, '-')}-line-${line}.ts`,
    code,
    isRunnable,
    clients: importedPackages(code).filter((name) => !name.startsWith('@golden-arch/')),
  }))
}

/** The packages that the examples are compiled with, their declarations among them, at the versions of this repository. */
export function clientVersions(examples: readonly PackageExample[]): Readonly<Record<string, string>> {
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }
  const names = examples.flatMap(({ clients }) => clients.flatMap((name) => [name, `@types/${name}`]))
  const wanted = new Set([...names, '@types/node'])
  return Object.fromEntries(Object.entries(root.devDependencies).filter(([name]) => wanted.has(name)))
}

/** Writes the examples into an app, and returns what a compiler is told to include. */
export function writeExamples(app: string, examples: readonly PackageExample[]): string {
  mkdirSync(join(app, FOLDER), { recursive: true })
  for (const { fileName, code } of examples) writeFileSync(join(app, fileName), `${code}\nexport {}\n`)
  return `./${FOLDER}/*.ts`
}

/** The packages that a module imports, Node's own left out. */
export function importedPackages(code: string): readonly string[] {
  const imports = [...code.matchAll(/from '((?:@[^/']+\/)?[^/']+)[^']*'/g)].map(([, name]) => name ?? '')
  return imports.filter((name) => !name.startsWith('node:') && !name.startsWith('.'))
}
