import { silentTracer, type Tracer } from '@golden-arch/core/observability'
import type { ExecutionRequest } from './execution-request.ts'
import type { ExecutionResult } from './execution-result.ts'
import type { SandboxBackend } from './ports/sandbox-backend.ts'

/** What spans of executions are made with. */
interface ExecutionSpansOptions {
  readonly tracer: Tracer
  readonly backend: Pick<SandboxBackend, 'id' | 'isolation'>
}

/**
 * The spans of executions, from the asking for a turn to the result. What the guest did, however bad, is no error of the
 * span: that the host could not or would not run it is one.
 */
export class ExecutionSpans {
  readonly #tracer: Tracer
  readonly #backend: Readonly<Record<string, string>>

  constructor({ tracer, backend }: ExecutionSpansOptions) {
    this.#tracer = tracer
    this.#backend = {
      'golden_arch.sandbox.backend': backend.id,
      'golden_arch.sandbox.isolation': backend.isolation,
    }
  }

  /** Runs `work`, one execution. */
  execution(request: ExecutionRequest, work: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
    if (this.#tracer === silentTracer) return work()
    return this.#tracer.trace('sandbox execution', {}, async (span) => {
      if (span.isRecording) {
        span.setAttributes({
          ...this.#backend,
          'golden_arch.sandbox.language': String(request.language),
          'golden_arch.sandbox.execution_id': String(request.executionId),
          'golden_arch.tenant_id': String(request.tenantId),
        })
      }
      const result = await work()
      if (span.isRecording) {
        const { queueMs, acquireMs, runMs } = result.timings
        span.setAttributes({
          'golden_arch.sandbox.status': result.status,
          'golden_arch.sandbox.queue_ms': queueMs,
          'golden_arch.sandbox.acquire_ms': acquireMs,
          'golden_arch.sandbox.run_ms': runMs,
        })
      }
      return result
    })
  }
}
