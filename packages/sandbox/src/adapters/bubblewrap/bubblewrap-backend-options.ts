import { isAbsolute, normalize } from 'node:path'
import {
  type Complete,
  InvalidOptionError,
  requireInteger,
  requireObject,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { SandboxLanguage } from '../../execution-request.ts'
import { requireEnvironmentNames } from '../../program/environment-names.ts'
import {
  resolveSandboxRules,
  type SandboxRules,
  type SandboxRulesOptions,
} from '../../program/sandbox-rules.ts'
import { resolveWarmCounts, type WarmOptions } from '../../warm-counts.ts'

/** An interpreter of the host, and what a guest sees of the host's files. */
export interface SandboxInterpreter {
  /** Its path as the guest sees it. Default `/usr/bin/python3`, `/usr/bin/node` or `/bin/sh`. */
  readonly interpreter?: string | undefined
  /** A folder of the host that holds a root file system, of which the guest sees parts. Default `/`, the host's own. */
  readonly root?: string | undefined
  /**
   * Files and folders below `root` that the guest sees, by the paths at which it sees them, read-only. Default, as far as they are
   * there: `/usr`, `/bin`, `/sbin`, `/lib`, `/lib32`, `/lib64`, `/etc/alternatives` and `/etc/ld.so.cache`.
   */
  readonly readOnlyPaths?: readonly string[] | undefined
  /** Sandboxes kept started ahead for this language, 0 to 64. Default the backend's `warm`. */
  readonly warm?: number | undefined
  /** Sandboxes that demand may raise `warm` to, `warm` to 64. Default the backend's `maxWarm`, or `warm` + 2 where `warm` is given here. */
  readonly maxWarm?: number | undefined
}

/**
 * What is done about control groups, which bound memory, processes and processor of a whole sandbox:
 * - `require`: it is an error where this process may make none.
 * - `prefer`: where it may make none, memory is bounded for each process by itself, Node's with 640 MiB more for what it
 *   reserves, files in memory are refused, and the processors are not bounded.
 * - `none`: as if it might make none.
 */
export type ControlGroupUse = 'require' | 'prefer' | 'none'

/** What a {@link BubblewrapBackend} is built from. */
export interface BubblewrapBackendOptions {
  /** The interpreters, one for each language that is to be had. */
  readonly languages: Readonly<Partial<Record<Exclude<SandboxLanguage, 'typescript'>, SandboxInterpreter>>>
  /** The path of bubblewrap, 0.5 or later. Default `/usr/bin/bwrap`. */
  readonly bwrapPath?: string | undefined
  /** Whether sandboxes get control groups. Default `prefer`; what came of it is in each result's provenance. */
  readonly controlGroups?: ControlGroupUse | undefined
  /** Processors, processes, disk and files of every sandbox; without control groups `cpus` has no effect. Default as each of the rules says. */
  readonly rules?: SandboxRulesOptions | undefined
  /** Environment variables that a request may set: names of A-Z, 0-9 and `_`. Default: none. */
  readonly environmentNames?: readonly string[] | undefined
  /** Executions at one time, 1 to 256. Default 4. */
  readonly maxConcurrent?: number | undefined
  /** Sandboxes kept started ahead for each language, 0 to 64; a language may say its own. Default 1. */
  readonly warm?: number | undefined
  /** Sandboxes that demand may raise `warm` to, `warm` to 64. Default `warm` + 2. */
  readonly maxWarm?: number | undefined
  /** Age in milliseconds at which a sandbox that waits is replaced, 1000 to 86400000. Default 600000 (10 minutes). */
  readonly warmMaxAgeMs?: number | undefined
  /** Longest wait for a sandbox to start or to end in milliseconds, 100 to 600000. Default 30000 (30 seconds). */
  readonly startTimeoutMs?: number | undefined
  /** Pause between two looks for orphans in milliseconds, 100 to 3600000. Default 10000 (10 seconds). */
  readonly reapIntervalMs?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where log lines go. Default: none. */
  readonly logger?: Logger | undefined
}

/** An interpreter with its defaults filled in; without `readOnlyPaths` the default is meant, of which some may not be there. */
export type ResolvedSandboxInterpreter = Complete<SandboxInterpreter, 'readOnlyPaths'>

/** The values used where none are given. */
const DEFAULT_BUBBLEWRAP_BACKEND_OPTIONS = Object.freeze({
  languages: undefined,
  bwrapPath: '/usr/bin/bwrap',
  controlGroups: 'prefer',
  rules: undefined,
  environmentNames: [],
  maxConcurrent: 4,
  warm: undefined,
  maxWarm: undefined,
  warmMaxAgeMs: 600_000,
  startTimeoutMs: 30_000,
  reapIntervalMs: 10_000,
  clock: systemClock,
  logger: silentLogger,
} as const)

/** The options with every default filled in. */
export interface ResolvedBubblewrapBackendOptions
  extends Omit<
    Complete<BubblewrapBackendOptions, 'rules' | 'warm' | 'maxWarm'>,
    'rules' | 'languages' | 'warm' | 'maxWarm'
  > {
  readonly rules: SandboxRules
  readonly languages: ReadonlyMap<SandboxLanguage, ResolvedSandboxInterpreter>
}

/** What a guest sees of a root file system unless told otherwise: programs and libraries, and nobody's data. */
export const DEFAULT_READ_ONLY_PATHS: readonly string[] = Object.freeze([
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/etc/alternatives',
  '/etc/ld.so.cache',
])

const INTERPRETERS: Readonly<Record<keyof BubblewrapBackendOptions['languages'], string>> = {
  python: '/usr/bin/python3',
  javascript: '/usr/bin/node',
  shell: '/bin/sh',
}
/** What the sandbox has of its own, and folders of the host that hold its secrets, sockets or devices. */
const NEVER_SEEN = /^\/(?:|(?:dev|proc|sys|tmp|run|var\/run)(?:\/.*)?|etc|home|root|var)$/

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveBubblewrapBackendOptions(
  options: BubblewrapBackendOptions,
): ResolvedBubblewrapBackendOptions {
  const { warm, maxWarm, ...given } = withDefaults(options, DEFAULT_BUBBLEWRAP_BACKEND_OPTIONS)
  requireOneOf('controlGroups', given.controlGroups, ['require', 'prefer', 'none'])
  requireInteger('maxConcurrent', given.maxConcurrent, { min: 1, max: 256 })
  requireInteger('warmMaxAgeMs', given.warmMaxAgeMs, { min: 1000, max: 86_400_000 })
  requireInteger('startTimeoutMs', given.startTimeoutMs, { min: 100, max: 600_000 })
  requireInteger('reapIntervalMs', given.reapIntervalMs, { min: 100, max: 3_600_000 })
  return {
    ...given,
    bwrapPath: requirePath('bwrapPath', given.bwrapPath),
    languages: resolveLanguages(given.languages, { warm, maxWarm }),
    rules: resolveSandboxRules(given.rules),
    environmentNames: requireEnvironmentNames(given.environmentNames),
  }
}

/** The values used where none are given; an interpreter is another one for each language. */
const DEFAULT_INTERPRETER = Object.freeze({
  interpreter: undefined,
  root: '/',
  readOnlyPaths: undefined,
  warm: undefined,
  maxWarm: undefined,
})

function resolveLanguages(
  languages: BubblewrapBackendOptions['languages'],
  ofAll: WarmOptions,
): ReadonlyMap<SandboxLanguage, ResolvedSandboxInterpreter> {
  const resolved = new Map<SandboxLanguage, ResolvedSandboxInterpreter>()
  for (const [name, given] of Object.entries(requireObject('languages', languages))) {
    const language = requireOneOf('languages', name, ['python', 'javascript', 'shell'])
    const option = `languages.${language}`
    const each = withDefaults<SandboxInterpreter, typeof DEFAULT_INTERPRETER>(
      given,
      DEFAULT_INTERPRETER,
      `${option}.`,
    )
    const counts = resolveWarmCounts(
      each.warm === undefined ? { warm: ofAll.warm, maxWarm: each.maxWarm ?? ofAll.maxWarm } : each,
      {
        path: `${option}.`,
        spare: 2,
        max: 64,
      },
    )
    resolved.set(language, {
      interpreter: requirePath(`${option}.interpreter`, each.interpreter ?? INTERPRETERS[language]),
      root: requirePath(`${option}.root`, each.root),
      readOnlyPaths: each.readOnlyPaths?.map((path) => requireSeenPath(`${option}.readOnlyPaths`, path)),
      ...counts,
    })
  }
  if (resolved.size === 0) throw new InvalidOptionError('languages', 'one language at least', languages)
  return resolved
}

function requireSeenPath(option: string, path: string): string {
  requirePath(option, path)
  if (NEVER_SEEN.test(path)) {
    throw new InvalidOptionError(option, 'paths of programs and libraries, not of data or devices', path)
  }
  return path
}

function requirePath(option: string, path: string): string {
  const isPlain = typeof path === 'string' && isAbsolute(path) && normalize(path) === path
  if (!isPlain || path.includes('\0') || (path !== '/' && path.endsWith('/'))) {
    throw new InvalidOptionError(option, 'an absolute path without . and .. and / at its end', path)
  }
  return path
}
