import { availableParallelism } from 'node:os'
import { type Complete, InvalidOptionError, requireInteger, withDefaults } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { locateEntry } from '../../entry-location.ts'
import { DEFAULT_FILE_BOUNDS, type FileBounds, requireFileBounds } from '../../file-bounds.ts'
import type { SandboxRulesOptions } from '../../program/sandbox-rules.ts'

const VARIABLE = /^[A-Z_][A-Z0-9_]{0,63}$/
const MAX_VARIABLES = 64

/** What a {@link QuickJsBackend} may be given. */
export interface QuickJsBackendOptions {
  /** Executions at one time, each in a worker thread, 1 to 256. Default: as many as the machine runs in parallel. */
  readonly maxConcurrent?: number | undefined
  /** Sandboxes kept started ahead, each a worker thread, 0 to `maxConcurrent`. Default 1. */
  readonly warm?: number | undefined
  /** Programs that one worker thread runs before it is replaced, 1 to 1000000. Default 1000. */
  readonly maxRunsPerWorker?: number | undefined
  /** Environment variables that a request may set: names of A-Z, 0-9 and `_`, at most 64 of them. Default: none. */
  readonly environmentNames?: readonly string[] | undefined
  /** How much of what a program leaves below `out/` may come back: `filesLimitBytes`, `maxFiles`. Default 20 MiB and 256 files. */
  readonly rules?: SandboxRulesOptions<FileBounds> | undefined
  /** Longest wait for a sandbox to start in milliseconds, 1 to 600000. Default 10000 (10 seconds). */
  readonly startTimeoutMs?: number | undefined
  /** Where the worker's file is. Default: beside this package's own files; a bundled application sets it. */
  readonly workerUrl?: URL | undefined
  /** Where time comes from. Default the system clock. The guest's own deadline is kept by the machine's. */
  readonly clock?: Clock | undefined
  /** Where log lines go. Default: none. */
  readonly logger?: Logger | undefined
}

/** The values used where none are given. */
const DEFAULT_QUICKJS_BACKEND_OPTIONS = Object.freeze({
  maxConcurrent: undefined,
  warm: 1,
  maxRunsPerWorker: 1000,
  environmentNames: [],
  rules: {},
  startTimeoutMs: 10_000,
  workerUrl: undefined,
  clock: systemClock,
  logger: silentLogger,
} as const)

/** The options with every default filled in. */
export interface ResolvedQuickJsBackendOptions extends Omit<Complete<QuickJsBackendOptions>, 'rules'> {
  readonly rules: FileBounds
}

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveQuickJsBackendOptions(options: QuickJsBackendOptions): ResolvedQuickJsBackendOptions {
  const given = withDefaults(options, DEFAULT_QUICKJS_BACKEND_OPTIONS)
  const maxConcurrent = given.maxConcurrent ?? Math.min(availableParallelism(), MAX_WORKERS)
  requireInteger('maxConcurrent', maxConcurrent, { min: 1, max: MAX_WORKERS })
  requireInteger('warm', given.warm, { max: maxConcurrent })
  requireInteger('maxRunsPerWorker', given.maxRunsPerWorker, { min: 1, max: 1_000_000 })
  requireInteger('startTimeoutMs', given.startTimeoutMs, { min: 1, max: 600_000 })
  const rules = withDefaults<SandboxRulesOptions<FileBounds>, FileBounds>(
    given.rules,
    DEFAULT_FILE_BOUNDS,
    'rules.',
  )
  requireFileBounds(rules)
  const workerUrl = given.workerUrl ?? locateEntry('adapters/quickjs/quickjs-worker', import.meta.url)
  if (!(workerUrl instanceof URL)) throw new InvalidOptionError('workerUrl', 'a URL', workerUrl)
  return { ...given, maxConcurrent, rules, workerUrl, environmentNames: checkNames(given.environmentNames) }
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
