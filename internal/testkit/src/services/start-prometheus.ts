import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PrivateServer } from '../server/private-server.ts'
import { startPrivateServer } from '../server/private-server.ts'
import { prometheusRecipe } from './prometheus-recipe.ts'

/** A Prometheus that runs. */
export interface RunningPrometheus {
  /** Where its page and its API are, such as `http://127.0.0.1:9090`. */
  readonly url: string
  /** Ends it and removes its data. Calling it again does nothing. */
  stop(): Promise<void>
}

/**
 * Starts a Prometheus of the programs at `address`, a `file://` as `describeWithService` gives it, on a private port.
 * `files` are texts by name that lie beside one another, among them `prometheus.yaml`. Stop it in the end; should this
 * process die first, the server dies with it.
 */
export async function startPrometheus(
  address: string,
  files: Readonly<Record<string, string>>,
): Promise<RunningPrometheus> {
  const folder = dirname(fileURLToPath(address))
  const server: PrivateServer = await startPrivateServer(prometheusRecipe(folder, files))
  return { url: `http://127.0.0.1:${server.port}`, stop: server.stop }
}
