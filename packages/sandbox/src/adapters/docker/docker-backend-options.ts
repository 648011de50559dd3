import {
  type Complete,
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireObject,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import {
  type EgressOptions,
  type ResolvedEgressOptions,
  resolveEgressOptions,
} from '../../egress/egress-options.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { requireEnvironmentNames } from '../../program/environment-names.ts'
import {
  resolveSandboxRules,
  type SandboxRules,
  type SandboxRulesOptions,
} from '../../program/sandbox-rules.ts'
import { resolveWarmCounts, type WarmOptions } from '../../warm-counts.ts'
import type { DockerClient } from './docker-client.ts'
import type { DockerRuntime } from './docker-runtime.ts'

/** An image that a language runs in. */
export interface SandboxImage {
  /** The image by digest or id: `sha256:` and 64 hexadecimal digits, alone or after `name@`. It must be there already. */
  readonly image: string
  /** The interpreter, by its path in the image. Default `/usr/bin/python3.11`, `/usr/bin/node` or `/bin/sh`. */
  readonly interpreter?: string | undefined
  /** Sandboxes kept started ahead for this language, 0 to 64. Default the backend's `warm`. */
  readonly warm?: number | undefined
  /** Sandboxes that demand may raise `warm` to, `warm` to 64. Default the backend's `maxWarm`, or `warm` + 2 where `warm` is given here. */
  readonly maxWarm?: number | undefined
}

/** What a {@link DockerBackend} is built from. */
export interface DockerBackendOptions {
  /** The engine, a dockerode 5 `Docker`. Not closed by the backend. */
  readonly docker: DockerClient
  /** The container runtime, never changed silently. Default `runsc`. */
  readonly runtime?: DockerRuntime | undefined
  /** The images, one for each language that is to be had. */
  readonly images: Readonly<Partial<Record<Exclude<SandboxLanguage, 'typescript'>, SandboxImage>>>
  /** Processors, processes, disk and files of every sandbox. Default as each of the rules says. */
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
  /**
   * Longest wait for a sandbox to start or to end in milliseconds, and for each answer of the engine, 100 to 600000. Default 30000
   * (30 seconds).
   */
  readonly startTimeoutMs?: number | undefined
  /** Pause between two looks for orphans in milliseconds, 100 to 3600000. Default 10000 (10 seconds). */
  readonly reapIntervalMs?: number | undefined
  /**
   * Where programs may connect to, by HTTP and HTTPS through the proxy that their environment names. The container has no network
   * all the same: a relay in it carries each connection to the backend, which decides and connects. The relay is a process of
   * the container and counts towards its memory. With Python and JavaScript alone. Default: none.
   */
  readonly egress?: EgressOptions | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where log lines go. With egress each decision is one. Default: none. */
  readonly logger?: Logger | undefined
  /** Where the decisions over egress are counted; all else is counted by the executor. Default: none. */
  readonly metrics?: Metrics | undefined
}

/** An image with its defaults filled in. */
export type ResolvedSandboxImage = Complete<SandboxImage>

/** The values used where none are given. */
const DEFAULT_DOCKER_BACKEND_OPTIONS = Object.freeze({
  docker: undefined,
  images: undefined,
  runtime: 'runsc',
  rules: undefined,
  environmentNames: [],
  maxConcurrent: 4,
  warm: undefined,
  maxWarm: undefined,
  warmMaxAgeMs: 600_000,
  startTimeoutMs: 30_000,
  reapIntervalMs: 10_000,
  egress: undefined,
  clock: systemClock,
  logger: silentLogger,
  metrics: silentMetrics,
} as const)

/** The options with every default filled in. */
export interface ResolvedDockerBackendOptions
  extends Omit<
    Complete<DockerBackendOptions, 'rules' | 'warm' | 'maxWarm' | 'egress'>,
    'rules' | 'images' | 'egress' | 'warm' | 'maxWarm'
  > {
  readonly egress: ResolvedEgressOptions | undefined
  readonly rules: SandboxRules
  readonly images: ReadonlyMap<SandboxLanguage, ResolvedSandboxImage>
}

const INTERPRETERS: Readonly<Record<keyof DockerBackendOptions['images'], string>> = {
  python: '/usr/bin/python3.11',
  javascript: '/usr/bin/node',
  shell: '/bin/sh',
}
const IMAGE = /^([^@\s]+@)?sha256:[0-9a-f]{64}$/

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveDockerBackendOptions(options: DockerBackendOptions): ResolvedDockerBackendOptions {
  const { warm, maxWarm, ...given } = withDefaults(options, DEFAULT_DOCKER_BACKEND_OPTIONS)
  requireMethods('docker', given.docker, ['info', 'createContainer', 'getContainer', 'listContainers'])
  const runtime = requireOneOf('runtime', given.runtime, ['runsc', 'runc'])
  const images = resolveImages(given.images, { warm, maxWarm })
  if (given.egress !== undefined && images.has('shell')) {
    throw new InvalidOptionError(
      'images.shell',
      'left out with egress: nothing in it can be the relay',
      'shell',
    )
  }
  requireInteger('maxConcurrent', given.maxConcurrent, { min: 1, max: 256 })
  requireInteger('warmMaxAgeMs', given.warmMaxAgeMs, { min: 1000, max: 86_400_000 })
  requireInteger('startTimeoutMs', given.startTimeoutMs, { min: 100, max: 600_000 })
  requireInteger('reapIntervalMs', given.reapIntervalMs, { min: 100, max: 3_600_000 })
  return {
    ...given,
    runtime,
    images,
    egress: given.egress === undefined ? undefined : resolveEgressOptions(given.egress),
    rules: resolveSandboxRules(given.rules, runtime === 'runsc' ? 256 : 64),
    environmentNames: requireEnvironmentNames(given.environmentNames),
  }
}

/** The values used where none are given; an interpreter is another one for each language. */
const DEFAULT_IMAGE = Object.freeze({
  image: undefined,
  interpreter: undefined,
  warm: undefined,
  maxWarm: undefined,
})

function resolveImages(
  images: DockerBackendOptions['images'],
  ofAll: WarmOptions,
): ReadonlyMap<SandboxLanguage, ResolvedSandboxImage> {
  const resolved = new Map<SandboxLanguage, ResolvedSandboxImage>()
  for (const [name, image] of Object.entries(requireObject('images', images))) {
    const language = requireOneOf('images', name, ['python', 'javascript', 'shell'])
    const each = withDefaults<SandboxImage, typeof DEFAULT_IMAGE>(image, DEFAULT_IMAGE, `images.${language}.`)
    if (typeof each.image !== 'string' || !IMAGE.test(each.image)) {
      throw new InvalidOptionError(
        `images.${language}.image`,
        'a digest or id (sha256: and 64 digits), as docker image inspect tells',
        each.image,
      )
    }
    const interpreter = each.interpreter ?? INTERPRETERS[language]
    if (!interpreter.startsWith('/')) {
      throw new InvalidOptionError(`images.${language}.interpreter`, 'an absolute path', interpreter)
    }
    const counts = resolveWarmCounts(
      each.warm === undefined ? { warm: ofAll.warm, maxWarm: each.maxWarm ?? ofAll.maxWarm } : each,
      {
        path: `images.${language}.`,
        spare: 2,
        max: 64,
      },
    )
    resolved.set(language, { image: each.image, interpreter, ...counts })
  }
  if (resolved.size === 0) throw new InvalidOptionError('images', 'one image at least', images)
  return resolved
}
