import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownExamples } from '../markdown-examples.ts'
import { runCommand } from './run-command.ts'
import type { Tarball } from './tarball.ts'

/** What it takes to try a package as its README says, from an empty folder. */
export interface FirstRun {
  readonly name: string
  /** The command that the README gives. */
  readonly install: string
  /** Lines of the example that are pasted. */
  readonly lineCount: number
  readonly installSeconds: number
  readonly runSeconds: number
}

/**
 * Does what a newcomer does, in a folder that is empty: types the README's line, in which the tarball of each package of ours stands for
 * what a registry would send; pastes the first example into a file; runs that.
 */
export function firstRun(
  folder: string,
  { published }: Tarball,
  tarballs: readonly Tarball[],
): FirstRun | undefined {
  const readme = join(published.folder, 'README.md')
  if (!existsSync(readme)) return undefined
  const [example] = markdownExamples([readme]).filter(({ isRunnable }) => isRunnable)
  if (example === undefined) return undefined
  const line = /^npm install ([^#\n]+)/m.exec(readFileSync(readme, 'utf8'))?.[1]
  if (line === undefined) throw new Error(`${readme} does not say how to install`)
  const wanted = line.trim().split(/\s+/)
  mkdirSync(folder)
  const installSeconds = secondsOf(() => {
    const flags = ['--no-audit', '--no-fund', '--prefer-offline']
    runCommand('npm', ['install', ...withTarballs(wanted, tarballs), ...flags], folder)
  })
  writeFileSync(join(folder, 'try.mts'), example.code)
  const runSeconds = secondsOf(() => runCommand(process.execPath, ['try.mts'], folder))
  const lineCount = example.code.split('\n').filter((each) => each.trim() !== '').length
  return {
    name: published.name,
    install: `npm install ${wanted.join(' ')}`,
    lineCount,
    installSeconds,
    runSeconds,
  }
}

function secondsOf(act: () => void): number {
  const startedAt = performance.now()
  act()
  return (performance.now() - startedAt) / 1000
}

/** What is asked for, with tarballs in place of packages of ours, and those of ours that they depend on. */
function withTarballs(wanted: readonly string[], tarballs: readonly Tarball[]): readonly string[] {
  const ours = new Map(tarballs.map((tarball) => [tarball.published.name, tarball]))
  const needed = new Set<string>()
  const need = (name: string): void => {
    const tarball = ours.get(name)
    if (tarball === undefined || needed.has(name)) return
    needed.add(name)
    for (const dependency of Object.keys(tarball.published.manifest.dependencies ?? {})) need(dependency)
  }
  for (const name of wanted) need(name)
  return [
    ...wanted.filter((name) => !ours.has(name)),
    ...[...needed].map((name) => ours.get(name)?.file ?? name),
  ]
}
