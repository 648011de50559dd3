import { isAbsolute } from 'node:path'
import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { locateEntry } from '../../entry-location.ts'
import { requireEnvironmentNames } from '../../program/environment-names.ts'

const MIB = 1_048_576

/** What a {@link PyodideBackend} may be given. */
export interface PyodideBackendOptions {
  /** The folder of the package `pyodide`, an absolute path. Default: where this package finds it. */
  readonly pyodideFolder?: string
  /** Child processes kept started ahead, 0 to 16. Default 1. */
  readonly warm?: number
  /** Children that demand may raise `warm` to, `warm` to 16. Default `warm` + 1, at most 16. */
  readonly maxWarm?: number
  /** Executions at one time, 1 to 64. Default 2. */
  readonly maxConcurrent?: number
  /** Environment variables that a request may set: names of A-Z, 0-9 and `_`. Default none. */
  readonly environmentNames?: readonly string[]
  /** Bytes that the guest's files may take, 1 MiB to 1 GiB. Default 64 MiB. They come on top of its memory. */
  readonly diskLimitBytes?: number
  /** Bytes of all files that come back, 0 to 256 MiB. Default 20 MiB. */
  readonly filesLimitBytes?: number
  /** Files that come back, 0 to 10000. Default 256. */
  readonly maxFiles?: number
  /** Age in milliseconds at which a child that waits is replaced, 1000 to 86400000. Default 600000 (10 minutes). */
  readonly warmMaxAgeMs?: number
  /** Longest wait for a child to start or to end in milliseconds, 100 to 600000. Default 60000 (1 minute). */
  readonly startTimeoutMs?: number
  /** Where the child's file is. Default: beside this package's own files; a bundled application sets it. */
  readonly childUrl?: URL
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Where log lines go. Default nowhere. */
  readonly logger?: Logger
}

/** The options with every default filled in; the folder is looked for when the first child starts. */
export interface ResolvedPyodideBackendOptions
  extends Required<Omit<PyodideBackendOptions, 'pyodideFolder'>> {
  readonly pyodideFolder: string | undefined
}

const DEFAULTS = {
  warm: 1,
  maxConcurrent: 2,
  diskLimitBytes: 64 * MIB,
  filesLimitBytes: 20 * MIB,
  maxFiles: 256,
  warmMaxAgeMs: 600_000,
  startTimeoutMs: 60_000,
} as const

const MAX_WARM = 16

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolvePyodideBackendOptions(options: PyodideBackendOptions): ResolvedPyodideBackendOptions {
  const given = { ...DEFAULTS, ...options }
  const { pyodideFolder } = options
  if (pyodideFolder !== undefined && (typeof pyodideFolder !== 'string' || !isAbsolute(pyodideFolder))) {
    throw new InvalidOptionError('pyodideFolder', 'an absolute path', pyodideFolder)
  }
  const childUrl = options.childUrl ?? locateEntry('adapters/pyodide/pyodide-child', import.meta.url)
  if (!(childUrl instanceof URL)) throw new InvalidOptionError('childUrl', 'a URL', childUrl)
  const integer = (name: keyof typeof DEFAULTS, min: number, max: number): number =>
    requireInteger(name, given[name], { min, max })
  const warm = integer('warm', 0, MAX_WARM)
  const maxWarm = options.maxWarm ?? Math.min(warm + 1, MAX_WARM)
  return {
    pyodideFolder,
    childUrl,
    warm,
    maxWarm: requireInteger('maxWarm', maxWarm, { min: warm, max: MAX_WARM }),
    maxConcurrent: integer('maxConcurrent', 1, 64),
    environmentNames: requireEnvironmentNames(options.environmentNames ?? []),
    diskLimitBytes: integer('diskLimitBytes', MIB, 1024 * MIB),
    filesLimitBytes: integer('filesLimitBytes', 0, 256 * MIB),
    maxFiles: integer('maxFiles', 0, 10_000),
    warmMaxAgeMs: integer('warmMaxAgeMs', 1000, 86_400_000),
    startTimeoutMs: integer('startTimeoutMs', 100, 600_000),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  }
}
