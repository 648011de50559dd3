import { type ChildProcess, spawn } from 'node:child_process'

/** How a script ended, and what it said. */
export interface ScriptEnd {
  /** Null: it was killed. */
  readonly code: number | null
  readonly output: string
}

/** A shell script while it runs. */
export interface ScriptRun {
  readonly child: ChildProcess
  /** Once all is said, by the programs that it has started too. */
  readonly end: Promise<ScriptEnd>
}

/** Starts a script as a container does, with no more surroundings than are given. */
export function startScript(path: string, environment: Readonly<Record<string, string>>): ScriptRun {
  const { FILE_BLOCKS = 'unlimited', ...others } = environment
  // No file may grow beyond the limit, and who tries is told so, as where a disk is full.
  const start = 'trap \'\' XFSZ; ulimit -f "$1"; shift; exec /bin/sh "$@"'
  const child = spawn('/bin/sh', ['-c', start, 'limited', FILE_BLOCKS, path], {
    cwd: '/',
    env: others,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const end = new Promise<ScriptEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
  return { child, end }
}
