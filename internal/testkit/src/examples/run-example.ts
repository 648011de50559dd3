import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const RUN_LIMIT_MS = 110_000

/** What a run of an example printed, and what its README says that it prints. */
export interface ExampleRun {
  readonly printed: string
  readonly shown: string
  /** What it said on its standard error. */
  readonly complaints: string
}

/** Runs the example whose source folder this is as its README says, on the sources of the packages. */
export async function runExample(sourceFolder: string): Promise<ExampleRun> {
  const folder = join(sourceFolder, '..')
  const main = join('src', 'main.ts')
  // The second is that of all our tests (https://github.com/nodejs/node/issues/64500). The third compiles WebAssembly once: a run
  // this short gains nothing by code that is compiled again to be faster.
  const flags = ['--conditions=golden-arch-source', '--no-wasm-code-gc', '--liftoff-only']
  const [readme, { stdout, stderr }] = await Promise.all([
    readFile(join(folder, 'README.md'), 'utf8'),
    execute(process.execPath, [...flags, main], { cwd: folder, timeout: RUN_LIMIT_MS }),
  ])
  return { printed: stdout, shown: shownOutput(readme), complaints: stderr }
}

/** The text of the one block that a README marks as `text`. */
function shownOutput(readme: string): string {
  const [, shown] = /^```text\n(.*?)^```$/ms.exec(readme) ?? []
  if (shown === undefined) throw new Error('the README shows no output in a block of text')
  return shown
}
