import { runCommand } from '../server/run-command.ts'

const PROBE_LIMIT_MS = 3_000

/** How Compose is called on this machine. */
export interface ComposeEngine {
  readonly command: readonly [string, ...string[]]
}

let probe: Promise<ComposeEngine> | undefined

/** Looks once for Docker Compose and an engine that answers it, 3 seconds for each; throws when one is missing. */
export function findComposeEngine(): Promise<ComposeEngine> {
  probe ??= probeComposeEngine()
  return probe
}

/** As {@link findComposeEngine}, without memory. */
export async function probeComposeEngine(timeLimitMs: number = PROBE_LIMIT_MS): Promise<ComposeEngine> {
  const limit = { timeLimitMs }
  await Promise.all([
    runCommand('docker', ['compose', 'version'], limit),
    runCommand('docker', ['version', '--format', '{{.Server.Version}}'], limit),
  ])
  return { command: ['docker', 'compose'] }
}
