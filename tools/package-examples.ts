import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MarkdownExample, markdownExamples } from './markdown-examples.ts'

/** How a user's compiler may find packages, with the kind of modules that goes with it. */
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'esnext' } as const

/** Examples that were written into an app. */
export interface WrittenExamples {
  /** A `tsconfig.json` for each way to find packages. */
  readonly configs: readonly string[]
  /** The names of those to run. */
  readonly runnable: readonly string[]
}

/** Examples as an app that has installed the packages pastes them. */
export interface InstalledExamples {
  /** The clients that they pass in, with their declarations, at the versions of this repository. */
  readonly clients: Readonly<Record<string, string>>
  readonly write: (app: string) => WrittenExamples
}

/** The examples of all READMEs and guides. */
export function installedExamples(): InstalledExamples {
  const guides = join('docs', 'guides')
  const examples = markdownExamples([
    'README.md',
    ...readdirSync('packages').map((name) => join('packages', name, 'README.md')),
    ...readdirSync(guides).map((name) => join(guides, name)),
  ])
  return { clients: clientsOf(examples), write: (app) => writeExamples(app, examples) }
}

function clientsOf(examples: readonly MarkdownExample[]): Readonly<Record<string, string>> {
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies: Record<string, string> }
  const imported = examples.flatMap(({ code }) =>
    [...code.matchAll(/from '((?:@[^/']+\/)?[^/']+)[^']*'/g)].map(([, name]) => name ?? ''),
  )
  const wanted = new Set(imported.flatMap((name) => [name, `@types/${name}`]).concat('@types/node'))
  return Object.fromEntries(Object.entries(root.devDependencies).filter(([name]) => wanted.has(name)))
}

function writeExamples(app: string, examples: readonly MarkdownExample[]): WrittenExamples {
  const names = examples.map(({ file, line, code }) => {
    const name = `${file.replaceAll(/\W+/g, '-')}-line-${line}.ts`
    writeFileSync(join(app, name), `${code}\nexport {}\n`)
    return name
  })
  const configs = Object.entries(RESOLUTIONS).map(([moduleResolution, module]) => {
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
  return { configs, runnable: names.filter((_, index) => examples[index]?.isRunnable) }
}
