import { existsSync } from 'node:fs'

/**
 * Where a file is that runs by itself, as a worker or a child process, seen from the module at `moduleUrl`: beside it, or, when
 * a build has moved that module's code to the root of the output folder, at `entry`, a path below it without extension.
 */
export function locateEntry(
  entry: string,
  moduleUrl: string,
  exists: (url: URL) => boolean = existsSync,
): URL {
  const extension = moduleUrl.endsWith('.ts') ? '.ts' : '.js'
  const name = entry.slice(entry.lastIndexOf('/') + 1)
  const beside = new URL(`./${name}${extension}`, moduleUrl)
  return exists(beside) ? beside : new URL(`./${entry}${extension}`, moduleUrl)
}
