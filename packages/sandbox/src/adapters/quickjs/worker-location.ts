import { existsSync } from 'node:fs'

const WORKER = 'quickjs-worker'

/**
 * Where the worker's file is, seen from the module at `moduleUrl`: beside it, or, when a build has moved that
 * module's code to the root of the output folder, in this adapter's folder below it.
 */
export function locateWorker(moduleUrl: string, exists: (url: URL) => boolean = existsSync): URL {
  const extension = moduleUrl.endsWith('.ts') ? '.ts' : '.js'
  const beside = new URL(`./${WORKER}${extension}`, moduleUrl)
  return exists(beside) ? beside : new URL(`./adapters/quickjs/${WORKER}${extension}`, moduleUrl)
}
