import { isGoldenError } from '@golden-arch/core/errors'
import {
  type Logger,
  METRICS,
  type Metrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type IsolationLevel, type SandboxBackend, SandboxExecutor } from '@golden-arch/sandbox'
import type { Configuration } from '../../configuration.ts'

/** A sandbox and its end. */
export interface OpenedSandbox {
  readonly sandbox: SandboxExecutor
  /** Lets what runs end. */
  close(): Promise<void>
}

/** What {@link openSandbox} works with. */
export interface SandboxSurroundings {
  readonly logger: Logger
  readonly metrics: Metrics
  /** Default: none. */
  readonly tracer?: Tracer
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

/**
 * The sandbox of the configuration, proven to isolate as it must on this machine.
 * @throws SandboxError `SANDBOX_INFRA`, `ISOLATION_UNAVAILABLE` where it cannot work here.
 */
export async function openSandbox(
  configuration: Pick<Configuration, 'SANDBOX_BACKEND' | 'SANDBOX_IMAGE'>,
  { logger, metrics, tracer = silentTracer }: SandboxSurroundings,
): Promise<OpenedSandbox> {
  const backend = await backendOf(configuration, { logger, metrics })
  try {
    const sandbox = new SandboxExecutor({
      backend,
      maxConcurrent: MAX_CONCURRENT,
      limits: LIMITS,
      minimumIsolation: ISOLATION[configuration.SANDBOX_BACKEND],
      logger,
      metrics,
      tracer,
    })
    await prepare(backend, metrics)
    return {
      sandbox,
      close: async () => {
        await sandbox.close({ drainTimeoutMs: CLOSE_TIMEOUT_MS })
        await backend.close()
      },
    }
  } catch (error) {
    await backend.close()
    throw error
  }
}

/** Has the backend prove its isolation; a proof that finds a way out is counted. */
async function prepare(backend: SandboxBackend, metrics: Metrics): Promise<void> {
  const escapes = metrics.counter(METRICS.sandboxEscapes)
  // Whoever watches must be able to tell none from not known.
  escapes.increment({ backend: backend.id }, 0)
  try {
    await backend.prepare()
  } catch (error) {
    if (isGoldenError(error, 'ISOLATION_UNAVAILABLE')) escapes.increment({ backend: backend.id })
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
