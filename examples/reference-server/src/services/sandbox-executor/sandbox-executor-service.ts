import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { MESSAGE_LEASE_MS, type SharedParts } from '../../shared-parts.ts'
import { untilAborted } from '../../until-aborted.ts'
import { StepWorker } from '../steps/step-worker.ts'
import { HiddenTestRunner } from './hidden-test-runner.ts'
import { type OpenedSandbox, openSandbox } from './open-sandbox.ts'
import { runTests } from './run-tests.ts'
import type { TestStage } from './test-stage.ts'

/** Solutions that are tested at once; each keeps a processor busy. */
export const TEST_CONCURRENCY = 2

/** What takes the steps that run hidden tests, on the parts of a process. */
export function testWorkerOf(parts: SharedParts, tests: TestStage): StepWorker {
  return new StepWorker({
    ...parts,
    service: 'sandbox-executor',
    maxConcurrent: TEST_CONCURRENCY,
    messageLeaseMs: MESSAGE_LEASE_MS,
    work: (step, signal) => runTests(tests, step, signal),
    onEnd: (step) => parts.news.tell(step),
  })
}

/** Runs hidden tests in the sandbox of the configuration. */
export async function createSandboxExecutorService(context: ServerContext): Promise<Service> {
  const opened = await openSandbox(context.configuration, context)
  context.closeLater(opened.close)
  return sandboxExecutorIn(opened, context)
}

/**
 * Runs hidden tests in a sandbox. Once a guest got out of it, what runs is given back and nothing is taken any more; the process
 * stays, unready, so that whoever watches hears of it.
 */
export function sandboxExecutorIn(
  { sandbox, escaped }: Pick<OpenedSandbox, 'sandbox' | 'escaped'>,
  parts: SharedParts,
): Service {
  const worker = testWorkerOf(parts, new HiddenTestRunner(sandbox))
  return {
    name: 'sandbox-executor',
    isReady: async () => !escaped.aborted,
    run: async (stopping, givingUp) => {
      await worker.run(AbortSignal.any([stopping, escaped]), AbortSignal.any([givingUp, escaped]))
      await untilAborted(stopping)
    },
  }
}
