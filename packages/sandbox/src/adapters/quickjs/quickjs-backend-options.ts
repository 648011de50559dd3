import { availableParallelism } from 'node:os'
import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { locateWorker } from './worker-location.ts'

/** What a {@link QuickJsBackend} may be given. */
export interface QuickJsBackendOptions {
  /** Worker threads at most, 1 to 256. Default: as many as the machine runs in parallel. */
  readonly maxWorkers?: number
  /** Worker threads kept ready, 0 to `maxWorkers`. Default 1. */
  readonly warmWorkers?: number
  /** Programs that one worker thread runs before it is replaced, 1 to 1000000. Default 1000. */
  readonly maxRunsPerWorker?: number
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

/** The defaults of the options that have a fixed one. */
export const DEFAULT_QUICKJS_BACKEND_OPTIONS: Readonly<{
  warmWorkers: number
  maxRunsPerWorker: number
  startTimeoutMs: number
}> = Object.freeze({ warmWorkers: 1, maxRunsPerWorker: 1000, startTimeoutMs: 10_000 })

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveQuickJsBackendOptions(options: QuickJsBackendOptions): ResolvedQuickJsBackendOptions {
  const { warmWorkers, maxRunsPerWorker, startTimeoutMs } = { ...DEFAULT_QUICKJS_BACKEND_OPTIONS, ...options }
  const maxWorkers = requireInteger(
    'maxWorkers',
    options.maxWorkers ?? Math.min(availableParallelism(), MAX_WORKERS),
    { min: 1, max: MAX_WORKERS },
  )
  const workerUrl = options.workerUrl ?? locateWorker(import.meta.url)
  if (!(workerUrl instanceof URL)) throw new InvalidOptionError('workerUrl', 'a URL', workerUrl)
  return {
    maxWorkers,
    warmWorkers: requireInteger('warmWorkers', warmWorkers, { max: maxWorkers }),
    maxRunsPerWorker: requireInteger('maxRunsPerWorker', maxRunsPerWorker, { min: 1, max: 1_000_000 }),
    startTimeoutMs: requireInteger('startTimeoutMs', startTimeoutMs, { min: 1, max: 600_000 }),
    workerUrl,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  }
}

const MAX_WORKERS = 256
