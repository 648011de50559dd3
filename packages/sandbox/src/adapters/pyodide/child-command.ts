import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The exit code by which a child says that its memory ran out. */
export const OUT_OF_MEMORY_EXIT = 86

/** Megabytes of JavaScript heap of a child, beside the memory of Python. */
const HEAP_MB = 256

/** What a child is started with. */
export interface PyodideChildStart {
  /** Where Pyodide is. */
  readonly folder: string
  /** Pages of 64 KiB of memory for Python. */
  readonly maxPages: number
  /** Bytes that files may take, in memory that is not Python's. */
  readonly diskLimitBytes: number
}

/**
 * The arguments of Node for a child: it may read Pyodide's folder and our own code, and nothing else; no file may be written, no
 * process started, no thread, no add-on; no string becomes code. The network is not taken away by Node 24 and before.
 */
export function childArguments(childUrl: URL, start: PyodideChildStart): readonly string[] {
  const child = fileURLToPath(childUrl)
  // The child's own imports lie beside it and, built or not, two folders up.
  const ownFolder = dirname(dirname(dirname(child)))
  return [
    '--permission',
    `--allow-fs-read=${start.folder}/`,
    `--allow-fs-read=${ownFolder}/`,
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    `--max-old-space-size=${HEAP_MB}`,
    child,
    JSON.stringify(start),
  ]
}
