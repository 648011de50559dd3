import {
  type Logger,
  METRICS,
  type Metrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { type IsolationLevel, type SandboxBackend, SandboxExecutor } from '@golden-arch/sandbox'
import type { Configuration } from '../../configuration.ts'
import { repeat } from '../../keep-running.ts'
import { findWaysOut } from './isolation-proof.ts'

/** A sandbox and its end. */
export interface OpenedSandbox {
  readonly sandbox: SandboxExecutor
  /** Fires once a guest was found outside of it: from then on it runs nothing any more. */
  readonly escaped: AbortSignal
  /** Lets what runs end. */
  close(): Promise<void>
}

/** What {@link openSandbox} works with. */
export interface SandboxSurroundings {
  readonly logger: Logger
  readonly metrics: Metrics
  /** Default: none. */
  readonly tracer?: Tracer
  /** Default the system clock. */
  readonly clock?: Clock
}

const MAX_CONCURRENT = 2
const CLOSE_TIMEOUT_MS = 5000
/** A hidden test is a matter of milliseconds; its processor time is what counts, as a busy machine is no fault of a solution. */
const LIMITS = Object.freeze({ timeoutMs: 60_000, cpuTimeMs: 1000 })

/** The isolation that each choice stands for: with less the server does not start. */
const ISOLATION: Readonly<Record<Configuration['SANDBOX_BACKEND'], IsolationLevel>> = {
  quickjs: 'wasm',
  bubblewrap: 'namespace',
  docker: 'container',
  'docker-gvisor': 'gvisor',
}

/** Milliseconds between two proofs that no guest gets out. */
export const PROOF_INTERVAL_MS = 60_000

/**
 * The sandbox of the configuration, proven to isolate as it must on this machine, now and again at each interval until it is closed.
 * @throws SandboxError `SANDBOX_INFRA`, `SANDBOX_ISOLATION_UNAVAILABLE` where it cannot work here; Error where nothing could be proven.
 */
export async function openSandbox(
  configuration: Pick<Configuration, 'SANDBOX_BACKEND' | 'SANDBOX_IMAGE'>,
  surroundings: SandboxSurroundings,
): Promise<OpenedSandbox> {
  return await watchSandbox(
    await backendOf(configuration, surroundings),
    ISOLATION[configuration.SANDBOX_BACKEND],
    surroundings,
  )
}

/** The same on a backend, which closing the sandbox closes. */
export async function watchSandbox(
  backend: SandboxBackend,
  isolation: IsolationLevel,
  { logger, metrics, tracer = silentTracer, clock = systemClock }: SandboxSurroundings,
): Promise<OpenedSandbox> {
  const escapes = metrics.counter(METRICS.sandboxEscapes)
  // Whoever watches must be able to tell none from not known.
  escapes.increment({ backend: backend.id }, 0)
  const closing = new AbortController()
  const escaped = new AbortController()
  try {
    const sandbox = new SandboxExecutor({
      ...{ backend, logger, metrics, tracer },
      maxConcurrent: MAX_CONCURRENT,
      limits: LIMITS,
      minimumIsolation: isolation,
    })
    const prove = async (signal: AbortSignal): Promise<void> => {
      const ways = await findWaysOut(sandbox, isolation, signal)
      if (ways.length === 0) return
      escapes.increment({ backend: backend.id })
      logger.error(
        { backend: backend.id, reached: ways },
        'a guest got out of the sandbox: nothing runs in it any more',
      )
      escaped.abort()
      await sandbox.close({ drainTimeoutMs: 0 })
    }
    await backend.prepare()
    await prove(closing.signal)
    const ending = AbortSignal.any([closing.signal, escaped.signal])
    const options = { task: 'proving that the sandbox isolates', signal: ending, logger, clock }
    const proving = sleep(PROOF_INTERVAL_MS, options)
      .catch(() => undefined)
      .then(() => repeat({ ...options, intervalMs: PROOF_INTERVAL_MS }, prove))
    return {
      sandbox,
      escaped: escaped.signal,
      close: async () => {
        closing.abort()
        await sandbox.close({ drainTimeoutMs: CLOSE_TIMEOUT_MS })
        await proving
        await backend.close()
      },
    }
  } catch (error) {
    await backend.close()
    throw error
  }
}

/** Loads the chosen one alone: the others, and what they need, are much to read at a start. */
async function backendOf(
  { SANDBOX_BACKEND: name, SANDBOX_IMAGE: image = '' }: Parameters<typeof openSandbox>[0],
  { logger, metrics }: SandboxSurroundings,
): Promise<SandboxBackend> {
  switch (name) {
    case 'quickjs': {
      const { QuickJsBackend } = await import('@golden-arch/sandbox/quickjs')
      return new QuickJsBackend()
    }
    case 'bubblewrap': {
      const { BubblewrapBackend } = await import('@golden-arch/sandbox/bubblewrap')
      return new BubblewrapBackend({ languages: { javascript: {} }, logger })
    }
    case 'docker':
    case 'docker-gvisor': {
      const { DockerBackend } = await import('@golden-arch/sandbox/docker')
      const { default: Docker } = await import('dockerode')
      return new DockerBackend({
        // The engine of DOCKER_HOST, else of the socket on this machine.
        docker: new Docker(),
        runtime: name === 'docker' ? 'runc' : 'runsc',
        images: { javascript: { image } },
        logger,
        metrics,
      })
    }
  }
}
