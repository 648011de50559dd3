import { isAbsolute } from 'node:path'
import { type Complete, InvalidOptionError, requireInteger, withDefaults } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { locateEntry } from '../../entry-location.ts'
import { DEFAULT_FILE_BOUNDS, type FileBounds, requireFileBounds } from '../../file-bounds.ts'
import { requireEnvironmentNames } from '../../program/environment-names.ts'
import type { SandboxRulesOptions } from '../../program/sandbox-rules.ts'
import { resolveWarmCounts, type WarmCounts } from '../../warm-counts.ts'

const MIB = 1_048_576

/** Rules of every sandbox, beyond the limits that one execution may ask for. */
export interface PyodideRules extends FileBounds {
  /** Bytes that the guest's files may take, 1 MiB to 1 GiB. Default 64 MiB. They come on top of its memory. */
  readonly diskLimitBytes: number
}

/** What a {@link PyodideBackend} may be given. */
export interface PyodideBackendOptions {
  /** The folder of the package `pyodide`, an absolute path. Default: where this package finds it. */
  readonly pyodideFolder?: string | undefined
  /** Sandboxes kept started ahead, each a child process, 0 to 16. Default 1. */
  readonly warm?: number | undefined
  /** Sandboxes that demand may raise `warm` to, `warm` to 16. Default `warm` + 1, at most 16. */
  readonly maxWarm?: number | undefined
  /** Executions at one time, 1 to 64. Default 2. */
  readonly maxConcurrent?: number | undefined
  /** Environment variables that a request may set: names of A-Z, 0-9 and `_`. Default: none. */
  readonly environmentNames?: readonly string[] | undefined
  /**
   * What the guest's files may take, and how much of them may come back: `diskLimitBytes`, `filesLimitBytes`, `maxFiles`. Default
   * 64 MiB, 20 MiB and 256 files.
   */
  readonly rules?: SandboxRulesOptions<PyodideRules> | undefined
  /** Age in milliseconds at which a sandbox that waits is replaced, 1000 to 86400000. Default 600000 (10 minutes). */
  readonly warmMaxAgeMs?: number | undefined
  /** Longest wait for a sandbox to start or to end in milliseconds, 100 to 600000. Default 60000 (1 minute). */
  readonly startTimeoutMs?: number | undefined
  /** Where the child's file is. Default: beside this package's own files; a bundled application sets it. */
  readonly childUrl?: URL | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where log lines go. Default: none. */
  readonly logger?: Logger | undefined
}

/** The values used where none are given. */
const DEFAULT_PYODIDE_BACKEND_OPTIONS = Object.freeze({
  pyodideFolder: undefined,
  warm: undefined,
  maxWarm: undefined,
  maxConcurrent: 2,
  environmentNames: [],
  rules: {},
  warmMaxAgeMs: 600_000,
  startTimeoutMs: 60_000,
  childUrl: undefined,
  clock: systemClock,
  logger: silentLogger,
} as const)

const DEFAULT_RULES: PyodideRules = Object.freeze({ ...DEFAULT_FILE_BOUNDS, diskLimitBytes: 64 * MIB })

const MAX_WARM = 16

/** The options with every default filled in; the folder is looked for when the first child starts. */
export interface ResolvedPyodideBackendOptions
  extends Omit<
      Complete<PyodideBackendOptions, 'pyodideFolder' | 'warm' | 'maxWarm'>,
      'childUrl' | 'rules' | keyof WarmCounts
    >,
    WarmCounts {
  readonly childUrl: URL
  readonly rules: PyodideRules
}

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolvePyodideBackendOptions(options: PyodideBackendOptions): ResolvedPyodideBackendOptions {
  const given = withDefaults(options, DEFAULT_PYODIDE_BACKEND_OPTIONS)
  const { pyodideFolder } = given
  if (pyodideFolder !== undefined && (typeof pyodideFolder !== 'string' || !isAbsolute(pyodideFolder))) {
    throw new InvalidOptionError('pyodideFolder', 'an absolute path', pyodideFolder)
  }
  const childUrl = given.childUrl ?? locateEntry('adapters/pyodide/pyodide-child', import.meta.url)
  if (!(childUrl instanceof URL)) throw new InvalidOptionError('childUrl', 'a URL', childUrl)
  const rules = withDefaults<SandboxRulesOptions<PyodideRules>, PyodideRules>(
    given.rules,
    DEFAULT_RULES,
    'rules.',
  )
  requireInteger('rules.diskLimitBytes', rules.diskLimitBytes, { min: MIB, max: 1024 * MIB })
  requireFileBounds(rules)
  requireInteger('maxConcurrent', given.maxConcurrent, { min: 1, max: 64 })
  requireInteger('warmMaxAgeMs', given.warmMaxAgeMs, { min: 1000, max: 86_400_000 })
  requireInteger('startTimeoutMs', given.startTimeoutMs, { min: 100, max: 600_000 })
  return {
    ...given,
    ...resolveWarmCounts(given, { spare: 1, max: MAX_WARM }),
    childUrl,
    rules,
    environmentNames: requireEnvironmentNames(given.environmentNames),
  }
}
