import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ClusterAnswer, ClusterOrder, ClusterProcessSetup } from './cluster-process.ts'

const FILE = fileURLToPath(new URL('cluster-process.ts', import.meta.url))
const LOOK_AGAIN_MS = 5

/** Several processes that share circuits. */
export class ProcessCluster {
  readonly #children: readonly ChildProcess[]

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children
  }

  /** Starts the processes, and waits until each hears of the others. */
  static async start(processes: number, setup: ClusterProcessSetup): Promise<ProcessCluster> {
    const children = Array.from({ length: processes }, () =>
      fork(FILE, {
        execArgv: ['--conditions=golden-arch-source'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    )
    const cluster = new ProcessCluster(children)
    try {
      await Promise.all(children.map((child) => ask(child, setup)))
    } catch (error) {
      cluster.kill()
      throw error
    }
    return cluster
  }

  /** How many processes there are. */
  get size(): number {
    return this.#children.length
  }

  /** Has one process do something. */
  async ask(index: number, order: ClusterOrder): Promise<ClusterAnswer> {
    const child = this.#children[index]
    if (child === undefined) throw new Error(`there is no process ${index}`)
    return await ask(child, order)
  }

  /** Has all processes do something at once. */
  askAll(order: ClusterOrder): Promise<readonly ClusterAnswer[]> {
    return Promise.all(this.#children.map((child) => ask(child, order)))
  }

  /** Waits until every member holds the circuit in that state; the answers in which they do. */
  async until(name: string, status: string, limitMs: number): Promise<readonly ClusterAnswer[]> {
    const endsAtMs = performance.now() + limitMs
    for (;;) {
      const answers = await this.askAll({ act: 'status', name })
      const statuses = answers.flatMap((answer) => answer.statuses)
      if (statuses.every((one) => one === status)) return answers
      if (performance.now() > endsAtMs) {
        throw new Error(`${name} is not ${status} everywhere after ${limitMs} ms: ${statuses.join(', ')}`)
      }
      await delay(LOOK_AGAIN_MS)
    }
  }

  /** Ends the processes in good order. */
  async close(): Promise<void> {
    const ended = this.#children.map((child) => once(child, 'exit'))
    for (const child of this.#children) child.send({ act: 'close' })
    await Promise.all(ended)
  }

  /** Ends the processes at once. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}

/** A process answers its orders one after the other, so that the next message is the answer. */
async function ask(child: ChildProcess, message: ClusterOrder | ClusterProcessSetup): Promise<ClusterAnswer> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('a process of the cluster ended')
  })
  const answered = once(child, 'message', { signal })
  child.send(message)
  try {
    const [answer] = await Promise.race([answered, ended])
    // The process sends nothing else.
    return answer as ClusterAnswer
  } finally {
    over.abort()
    await Promise.allSettled([answered, ended])
  }
}
