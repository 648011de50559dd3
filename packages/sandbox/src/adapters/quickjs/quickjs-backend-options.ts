import { availableParallelism } from 'node:os'
import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { locateEntry } from '../../entry-location.ts'

const MIB = 1_048_576
const VARIABLE = /^[A-Z_][A-Z0-9_]{0,63}$/
const MAX_VARIABLES = 64

/** What a {@link QuickJsBackend} may be given. */
export interface QuickJsBackendOptions {
  /** Worker threads at most, 1 to 256. Default: as many as the machine runs in parallel. */
  readonly maxWorkers?: number
  /** Worker threads kept ready, 0 to `maxWorkers`. Default 1. */
  readonly warmWorkers?: number
  /** Programs that one worker thread runs before it is replaced, 1 to 1000000. Default 1000. */
  readonly maxRunsPerWorker?: number
  /** Environment variables that a request may set: names of A-Z, 0-9 and `_`, at most 64 of them. Default none. */
  readonly environmentNames?: readonly string[]
  /** Bytes of all files that come back, 0 to 256 MiB. Default 20 MiB. */
  readonly filesLimitBytes?: number
  /** Files that come back, 0 to 10000. Default 256. */
  readonly maxFiles?: number
  /** Longest start of a worker thread in milliseconds, 1 to 600000. Default 10000 (10 seconds). */
  readonly startTimeoutMs?: number
  /** Where the worker's file is. Default: beside this package's own files; a bundled application sets it. */
  readonly workerUrl?: URL
  /** Where time comes from. Default the system clock. The guest's own deadline is kept by the machine's. */
  readonly clock?: Clock
  /** Where log lines go. Default nowhere. */
  readonly logger?: Logger
}

/** The options with every default filled in. */
export type ResolvedQuickJsBackendOptions = Required<QuickJsBackendOptions>

const DEFAULTS = {
  warmWorkers: 1,
  maxRunsPerWorker: 1000,
  filesLimitBytes: 20 * MIB,
  maxFiles: 256,
  startTimeoutMs: 10_000,
} as const

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveQuickJsBackendOptions(options: QuickJsBackendOptions): ResolvedQuickJsBackendOptions {
  const given = { ...DEFAULTS, ...options }
  const { warmWorkers, maxRunsPerWorker, filesLimitBytes, maxFiles, startTimeoutMs } = given
  const maxWorkers = requireInteger(
    'maxWorkers',
    options.maxWorkers ?? Math.min(availableParallelism(), MAX_WORKERS),
    { min: 1, max: MAX_WORKERS },
  )
  const workerUrl = options.workerUrl ?? locateEntry('adapters/quickjs/quickjs-worker', import.meta.url)
  if (!(workerUrl instanceof URL)) throw new InvalidOptionError('workerUrl', 'a URL', workerUrl)
  return {
    maxWorkers,
    warmWorkers: requireInteger('warmWorkers', warmWorkers, { max: maxWorkers }),
    maxRunsPerWorker: requireInteger('maxRunsPerWorker', maxRunsPerWorker, { min: 1, max: 1_000_000 }),
    environmentNames: checkNames(options.environmentNames ?? []),
    filesLimitBytes: requireInteger('filesLimitBytes', filesLimitBytes, { max: 256 * MIB }),
    maxFiles: requireInteger('maxFiles', maxFiles, { max: 10_000 }),
    startTimeoutMs: requireInteger('startTimeoutMs', startTimeoutMs, { min: 1, max: 600_000 }),
    workerUrl,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  }
}

function checkNames(names: readonly string[]): readonly string[] {
  if (names.length > MAX_VARIABLES) {
    throw new InvalidOptionError('environmentNames', `at most ${MAX_VARIABLES} names`, names.length)
  }
  const wrong = names.find((name) => !VARIABLE.test(name))
  if (wrong !== undefined) throw new InvalidOptionError('environmentNames', 'names of A-Z, 0-9 and _', wrong)
  return [...names]
}

const MAX_WORKERS = 256
