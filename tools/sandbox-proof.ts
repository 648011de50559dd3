import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type SandboxBackend, SandboxExecutor } from '@golden-arch/sandbox'
import type { ProgramAbuse } from '../packages/sandbox/src/testing/program-abuse.ts'
import { tryAbuse } from '../packages/sandbox/src/testing/try-abuse.ts'

const AT_ONCE = 200

setFlagsFromString('--expose-gc')
// Safe: with that flag every new context has it.
const gc = runInNewContext('gc') as () => void

/** Writes down warnings, as a proof has no log. */
export const proofLogger: Logger = {
  ...silentLogger,
  warn: ({ err }: { err?: unknown }, message) =>
    console.log(message, err instanceof Error ? err.message : ''),
}

/** Memory of this process in MiB, garbage aside. */
export function memoryMib(): number {
  gc()
  return Math.round(process.memoryUsage().rss / 1_048_576)
}

/** A table of abuses by column, and what failed. */
export class SandboxProof {
  readonly failures: string[] = []
  readonly #rows: Record<string, Record<string, string>> = {}

  /** Tries each abuse, and after it a harmless program. */
  async tryAll(column: string, backend: SandboxBackend, abuses: readonly ProgramAbuse[]): Promise<void> {
    for (const abuse of abuses) {
      const startedAt = performance.now()
      const { outcome, failure } = await tryAbuse(backend, abuse)
      const row = this.#rows[abuse.title] ?? {}
      row[column] = failure === undefined ? outcome.status : `FAILED: ${outcome.status}`
      row[`${column}, seconds`] = ((performance.now() - startedAt) / 1000).toFixed(1)
      this.#rows[abuse.title] = row
      if (failure !== undefined) this.failures.push(`${column}: ${abuse.title}: ${failure}`)
    }
  }

  /** Runs 200 programs at once, half of which may wait: each is answered by its own result or by a full queue. */
  async runManyAtOnce(column: string, backend: SandboxBackend): Promise<void> {
    const executor = new SandboxExecutor({ backend, maxQueueLength: AT_ONCE / 2, maxQueueWaitMs: 600_000 })
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        executor
          .execute({
            executionId: `run-${index}`,
            tenantId: 'proof',
            language: 'shell',
            code: `echo ${index}`,
          })
          .then(({ status, stdout }) => (stdout === `${index}\n` ? status : 'mixed up'))
          // What a sandbox refuses or fails with carries a code.
          .catch((error: { code?: string }) => error.code ?? 'no code'),
      ),
    )
    const counts: Record<string, number> = {}
    for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
    const { completed = 0, SANDBOX_QUEUE_FULL: refused = 0 } = counts
    console.log(`${column}: ${AT_ONCE} at once`, counts, backend.stats)
    if (completed + refused !== AT_ONCE || completed < AT_ONCE / 2) {
      this.failures.push(`${column}: not all of ${AT_ONCE} were answered`)
    }
    await executor.close()
  }

  /** Prints the table and the failures, of which any one fails the process. */
  finish(what: string): void {
    console.table(this.#rows)
    for (const failure of this.failures) console.log(failure)
    console.log(`${Object.keys(this.#rows).length} abuses ${what}, ${this.failures.length} failures`)
    if (this.failures.length > 0) process.exitCode = 1
  }
}
