import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runCommand } from '../server/run-command.ts'
import type { StartedService } from '../service.ts'
import { findPrograms } from './find-programs.ts'

const RUN_LIMIT_MS = 30_000

/**
 * Finds the programs of Prometheus, at least 2.42: `prometheus`, with `promtool` and `amtool` beside it. There is nothing
 * that runs, so `stop`, `kill` and `restart` do nothing. Throws `ServiceUnavailableError`.
 */
export async function findPrometheus(): Promise<StartedService> {
  const nothing = async (): Promise<void> => undefined
  return await findPrograms('prometheus', async ({ folder, version, how }) => ({
    name: 'prometheus',
    address: pathToFileURL(join(folder, 'prometheus')).href,
    version,
    how,
    stop: nothing,
    kill: nothing,
    restart: nothing,
  }))
}

/** The version of the Prometheus at an address, such as `2.42.0`. */
export async function askPrometheusVersion(address: string): Promise<string> {
  const said = await runCommand(fileURLToPath(address), ['--version'], { timeLimitMs: RUN_LIMIT_MS })
  return /\d+(\.\d+)+/.exec(said)?.[0] ?? ''
}
