import { join } from 'node:path'
import type { ServerRecipe } from '../server/private-server.ts'

const ANSWER_LIMIT_MS = 5_000

/** Prometheus on a port of 127.0.0.1, its series in the data folder, its files beside one another. */
export function prometheusRecipe(folder: string, files: Readonly<Record<string, string>>): ServerRecipe {
  return {
    name: 'prometheus',
    file: join(folder, 'prometheus'),
    argumentsFor(place, port) {
      const paths = Object.entries(files).map(([name, text]) => place.writePrivateFile(name, text))
      return [
        `--config.file=${paths.find((path) => path.endsWith('/prometheus.yaml'))}`,
        `--storage.tsdb.path=${place.dataPath}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ]
    },
    askVersion: async (port) => {
      const at = `http://127.0.0.1:${port}`
      const signal = AbortSignal.timeout(ANSWER_LIMIT_MS)
      const ready = await fetch(`${at}/-/ready`, { signal })
      if (!ready.ok) throw new Error(`Prometheus answered ${ready.status}`)
      const answer = await fetch(`${at}/api/v1/status/buildinfo`, { signal })
      // The API's answer, of which one member is read.
      const { data } = (await answer.json()) as { data?: { version?: string } }
      return /^[\d.]+/.exec(data?.version ?? '')?.[0] ?? ''
    },
  }
}
