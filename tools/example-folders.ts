import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importedPackages } from './package-examples.ts'

/** A small example: a folder that a newcomer copies, and runs with what its `package.json` asks for. */
export interface ExampleFolder {
  /** With forward slashes. */
  readonly path: string
  /** The packages of others that it asks for, with their versions. */
  readonly clients: Readonly<Record<string, string>>
}

const OURS = '@golden-arch/'
const MAIN = 'src/main.ts'

/**
 * The small examples of the repository.
 * @throws Error where one imports a package that its `package.json` does not ask for, so that a copy would not run.
 */
export function exampleFolders(): readonly ExampleFolder[] {
  return readdirSync('examples')
    .map((name) => `examples/${name}`)
    .filter((path) => existsSync(join(path, 'src', 'main.test.ts')))
    .map((path) => {
      const { dependencies } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
        readonly dependencies: Readonly<Record<string, string>>
      }
      const missing = productionFiles(path)
        .flatMap((file) => importedPackages(readFileSync(join(path, file), 'utf8')))
        .filter((name) => !Object.hasOwn(dependencies, name))
      if (missing.length > 0) throw new Error(`${path} imports ${missing.join()}, and does not ask for it`)
      const clients = Object.entries(dependencies).filter(([name]) => !name.startsWith(OURS))
      return { path, clients: Object.fromEntries(clients) }
    })
}

/** Copies the example into an app, as a newcomer does, and returns the folder. */
export function copyExample({ path }: ExampleFolder, app: string): string {
  for (const file of exampleFiles(path)) cpSync(join(path, file), join(app, path, file))
  return join(app, path)
}

/** The files that make the example, from its folder: the main file first, and no test of this repository. */
export function exampleFiles(path: string): readonly string[] {
  const others = productionFiles(path).filter((file) => file !== MAIN)
  return [MAIN, ...others, 'package.json']
}

function productionFiles(path: string): readonly string[] {
  const names = readdirSync(join(path, 'src')).filter((name) => !name.endsWith('.test.ts'))
  return names.map((name) => `src/${name}`)
}
