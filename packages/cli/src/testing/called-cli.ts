import { runCli } from '../run-cli.ts'

/** What a call of the command line left behind. */
export interface CalledCli {
  readonly exitCode: number
  /** The lines of stdout. */
  readonly said: readonly string[]
  /** What stands on stderr. */
  readonly complaints: string
  /** The document of `--json`. */
  // It is what a test looks into.
  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
  readonly document: any
}

/** How a call differs from one in the repository's folder, outside a terminal. */
export interface CallOptions {
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly isTty?: boolean
  readonly signal?: AbortSignal
}

/** Calls the command line in this process. */
export async function callCli(argv: readonly string[], options: CallOptions = {}): Promise<CalledCli> {
  const { folder = process.cwd(), environment = {}, isTty = false, signal } = options
  let stdout = ''
  let stderr = ''
  const exitCode = await runCli({
    argv,
    environment,
    folder,
    stdout: { isTTY: isTty, columns: 80, write: (text) => (stdout += text) },
    stderr: { isTTY: isTty, columns: 80, write: (text) => (stderr += text) },
    ...(signal === undefined ? {} : { signal }),
  })
  const said = stdout.split('\n').filter((line) => line !== '')
  return {
    exitCode,
    said,
    complaints: stderr,
    document: argv.includes('--json') ? JSON.parse(stdout) : undefined,
  }
}
