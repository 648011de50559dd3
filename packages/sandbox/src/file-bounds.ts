import { requireInteger } from '@golden-arch/core/errors'

const MIB = 1_048_576

/** How much may come back of what a program leaves below `out/`. */
export interface FileBounds {
  /** Bytes of all files that come back, 0 to 256 MiB. Default 20 MiB. */
  readonly filesLimitBytes: number
  /** Files that come back, 0 to 10000. Default 256. */
  readonly maxFiles: number
}

/** The values used where none are given. */
export const DEFAULT_FILE_BOUNDS: FileBounds = Object.freeze({ filesLimitBytes: 20 * MIB, maxFiles: 256 })

/**
 * Checks the bounds among a backend's `rules`.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function requireFileBounds({ filesLimitBytes, maxFiles }: FileBounds): void {
  requireInteger('rules.filesLimitBytes', filesLimitBytes, { max: 256 * MIB })
  requireInteger('rules.maxFiles', maxFiles, { max: 10_000 })
}
