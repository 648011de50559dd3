import { InvalidOptionError, requireInteger, requireOneOf } from '@golden-arch/core/errors'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import {
  type EgressOptions,
  type ResolvedEgressOptions,
  resolveEgressOptions,
} from '../../egress/egress-options.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { requireEnvironmentNames } from '../../program/environment-names.ts'
import { resolveSandboxRules, type SandboxRules } from '../../program/sandbox-rules.ts'
import type { DockerClient } from './docker-client.ts'
import type { DockerRuntime } from './docker-runtime.ts'

/** An image that a language runs in. */
export interface SandboxImage {
  /** The image by digest or id: `sha256:` and 64 hexadecimal digits, alone or after `name@`. It must be there already. */
  readonly image: string
  /** The interpreter, by its path in the image. Default `/usr/bin/python3.11`, `/usr/bin/node` or `/bin/sh`. */
  readonly interpreter?: string
  /** Containers kept started ahead, 0 to 64. Default 1. */
  readonly warm?: number
  /** Containers that demand may raise `warm` to, `warm` to 64. Default `warm` + 2. */
  readonly maxWarm?: number
}

/** What a {@link DockerBackend} is built from. */
export interface DockerBackendOptions {
  /** The engine, a dockerode 5 `Docker`. Not closed by the backend. */
  readonly docker: DockerClient
  /** The container runtime, never changed silently. Default `runsc`. */
  readonly runtime?: DockerRuntime
  /** The images, one for each language that is to be had. */
  readonly images: Readonly<Partial<Record<Exclude<SandboxLanguage, 'typescript'>, SandboxImage>>>
  /** Rules of every container. */
  readonly rules?: Partial<SandboxRules>
  /** Environment variables that a request may set: names of A-Z, 0-9 and `_`. Default none. */
  readonly environmentNames?: readonly string[]
  /** Executions at one time, 1 to 256. Default 4. */
  readonly maxConcurrent?: number
  /** Age in milliseconds at which a container that waits is replaced, 1000 to 86400000. Default 600000 (10 minutes). */
  readonly warmMaxAgeMs?: number
  /** Longest wait for one answer of the engine in milliseconds, 100 to 600000. Default 30000 (30 seconds). */
  readonly engineTimeoutMs?: number
  /** Pause between two looks for orphans in milliseconds, 100 to 3600000. Default 10000 (10 seconds). */
  readonly reapIntervalMs?: number
  /**
   * Where programs may connect to, by HTTP and HTTPS through the proxy that their environment names. The container has no network
   * all the same: a relay in it carries each connection to the backend, which decides and connects. The relay is a process of
   * the container and counts towards its memory. With Python and JavaScript alone. Default nowhere.
   */
  readonly egress?: EgressOptions
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Where log lines go. With egress each decision is one. Default nowhere. */
  readonly logger?: Logger
  /** Where the decisions over egress are counted; all else is counted by the executor. Default nowhere. */
  readonly metrics?: Metrics
}

/** An image with its defaults filled in. */
export type ResolvedSandboxImage = Required<SandboxImage>

/** The options with every default filled in. */
export interface ResolvedDockerBackendOptions
  extends Required<Omit<DockerBackendOptions, 'rules' | 'images' | 'egress'>> {
  readonly egress: ResolvedEgressOptions | undefined
  readonly rules: SandboxRules
  readonly images: ReadonlyMap<SandboxLanguage, ResolvedSandboxImage>
}

const DEFAULTS = {
  runtime: 'runsc',
  maxConcurrent: 4,
  warmMaxAgeMs: 600_000,
  engineTimeoutMs: 30_000,
  reapIntervalMs: 10_000,
} as const

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
  const given = { ...DEFAULTS, ...options }
  const runtime = requireOneOf('runtime', given.runtime, ['runsc', 'runc'])
  const images = resolveImages(options.images)
  if (options.egress !== undefined && images.has('shell')) {
    throw new InvalidOptionError(
      'images.shell',
      'left out with egress: nothing in it can be the relay',
      'shell',
    )
  }
  if (typeof options.docker?.info !== 'function') {
    throw new InvalidOptionError('docker', 'a dockerode client', options.docker)
  }
  return {
    docker: options.docker,
    runtime,
    images,
    egress: options.egress === undefined ? undefined : resolveEgressOptions(options.egress),
    rules: resolveSandboxRules(options.rules, runtime === 'runsc' ? 256 : 64),
    environmentNames: requireEnvironmentNames(options.environmentNames ?? []),
    maxConcurrent: requireInteger('maxConcurrent', given.maxConcurrent, { min: 1, max: 256 }),
    warmMaxAgeMs: requireInteger('warmMaxAgeMs', given.warmMaxAgeMs, { min: 1000, max: 86_400_000 }),
    engineTimeoutMs: requireInteger('engineTimeoutMs', given.engineTimeoutMs, { min: 100, max: 600_000 }),
    reapIntervalMs: requireInteger('reapIntervalMs', given.reapIntervalMs, { min: 100, max: 3_600_000 }),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
  }
}

function resolveImages(
  images: DockerBackendOptions['images'],
): ReadonlyMap<SandboxLanguage, ResolvedSandboxImage> {
  const resolved = new Map<SandboxLanguage, ResolvedSandboxImage>()
  for (const [name, each] of Object.entries(images)) {
    const language = requireOneOf('images', name, ['python', 'javascript', 'shell'])
    if (typeof each?.image !== 'string' || !IMAGE.test(each.image)) {
      throw new InvalidOptionError(
        `images.${language}.image`,
        'a digest or id (sha256: and 64 digits), as docker image inspect tells',
        each?.image,
      )
    }
    const interpreter = each.interpreter ?? INTERPRETERS[language]
    if (!interpreter.startsWith('/')) {
      throw new InvalidOptionError(`images.${language}.interpreter`, 'an absolute path', interpreter)
    }
    const warm = requireInteger(`images.${language}.warm`, each.warm ?? 1, { max: 64 })
    const maxWarm = each.maxWarm ?? Math.min(warm + 2, 64)
    requireInteger(`images.${language}.maxWarm`, maxWarm, { min: warm, max: 64 })
    resolved.set(language, { image: each.image, interpreter, warm, maxWarm })
  }
  if (resolved.size === 0) throw new InvalidOptionError('images', 'one image at least', images)
  return resolved
}
