import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LimiterAnswer, LimiterOrder } from './limiter-process.ts'

const FILE = fileURLToPath(new URL('limiter-process.ts', import.meta.url))
const PROCESSES = 3

/** Three processes that share limits. */
export class LimiterCluster {
  readonly #children: readonly ChildProcess[] = Array.from({ length: PROCESSES }, () =>
    fork(FILE, {
      execArgv: ['--conditions=golden-arch-source'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  )

  /** Has all processes do the same at once; what each answers. */
  askAll(order: Omit<LimiterOrder, 'process'>): Promise<readonly LimiterAnswer[]> {
    return Promise.all(this.#children.map((child, process) => ask(child, { ...order, process })))
  }

  /** Ends the processes at once. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}

/** A process answers its orders one after the other, so that the next message is the answer. */
async function ask(child: ChildProcess, order: LimiterOrder): Promise<LimiterAnswer> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('a process that shares limits ended')
  })
  const answered = once(child, 'message', { signal })
  child.send(order)
  try {
    const [answer] = await Promise.race([answered, ended])
    // The process sends nothing else.
    return answer as LimiterAnswer
  } finally {
    over.abort()
    await Promise.allSettled([answered, ended])
  }
}
