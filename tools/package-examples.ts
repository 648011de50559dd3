import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownExamples } from './markdown-examples.ts'

/** How a user's compiler may find packages, with the kind of modules that goes with it. */
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'esnext' } as const

/** An example as an app that has installed the packages pastes it. */
export interface PackageExample {
  readonly fileName: string
  readonly code: string
  readonly isRunnable: boolean
  /** The packages of others that it imports. */
  readonly clients: readonly string[]
}

/** The examples of all READMEs and guides. */
export function packageExamples(): readonly PackageExample[] {
  const guides = join('docs', 'guides')
  const files = [
    'README.md',
    ...readdirSync('packages').map((name) => join('packages', name, 'README.md')),
    ...readdirSync(guides).map((name) => join(guides, name)),
  ]
  return markdownExamples(files).map(({ file, line, code, isRunnable }) => ({
    fileName: `${file.replaceAll(/\W+/g, '-')}-line-${line}.ts`,
    code,
    isRunnable,
    clients: clientsOf(code),
  }))
}

/** The packages that the examples are compiled with, their declarations among them, at the versions of this repository. */
export function clientVersions(examples: readonly PackageExample[]): Readonly<Record<string, string>> {
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }
  const names = examples.flatMap(({ clients }) => clients.flatMap((name) => [name, `@types/${name}`]))
  const wanted = new Set([...names, '@types/node'])
  return Object.fromEntries(Object.entries(root.devDependencies).filter(([name]) => wanted.has(name)))
}

/** Writes the examples into an app, and returns a `tsconfig.json` for each way to find packages. */
export function writeExamples(app: string, examples: readonly PackageExample[]): readonly string[] {
  for (const { fileName, code } of examples) writeFileSync(join(app, fileName), `${code}\nexport {}\n`)
  return Object.entries(RESOLUTIONS).map(([moduleResolution, module]) => {
    const compilerOptions = {
      noEmit: true,
      target: 'es2024',
      module,
      moduleResolution,
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
    }
    const config = join(app, `tsconfig.${moduleResolution}.json`)
    writeFileSync(config, JSON.stringify({ compilerOptions, include: ['./*.ts'] }))
    return config
  })
}

function clientsOf(code: string): readonly string[] {
  const imports = [...code.matchAll(/from '((?:@[^/']+\/)?[^/']+)[^']*'/g)].map(([, name]) => name ?? '')
  return imports.filter((name) => !name.startsWith('@golden-arch/') && !name.startsWith('node:'))
}
