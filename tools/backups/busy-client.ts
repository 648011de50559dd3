import type { Answer, AssembledServer } from '../../examples/reference-server/src/testing/assembled-server.ts'
import { randomName } from '../../internal/testkit/src/isolation/random-name.ts'

/** What a server has said yes to, in order. */
export interface Acknowledged {
  /** Ids of tasks. */
  readonly tasks: readonly string[]
  /** Ids of requests for a budget that were granted, used and settled. */
  readonly calls: readonly string[]
}

const PROJECT = 'coding-tasks'

/** A client that posts tasks and settles calls, one after the other, until it is stopped. */
export class BusyClient {
  readonly #server: AssembledServer
  readonly #task: object
  readonly #tasks: string[] = []
  readonly #calls: string[] = []
  #token = ''
  #isStopping = false
  #work: Promise<void> = Promise.resolve()
  #heard: (() => void) | undefined

  constructor(server: AssembledServer, task: object) {
    this.#server = server
    this.#task = task
  }

  async start(): Promise<void> {
    this.#token = await this.#server.tokenOf('operator')
    this.#work = this.#run()
    // It is waited for in the end.
    this.#work.catch(() => this.#heard?.())
  }

  acknowledged(): Acknowledged {
    return { tasks: [...this.#tasks], calls: [...this.#calls] }
  }

  /** Resolves once that many more were acknowledged of each kind; throws what the server has refused. */
  async acknowledges(more: number): Promise<void> {
    const wanted = this.#calls.length + more
    while (this.#calls.length < wanted) {
      await Promise.race([
        this.#work,
        new Promise<void>((resolve) => {
          this.#heard = resolve
        }),
      ])
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#work
  }

  async show(taskId: string): Promise<Answer> {
    const token = await this.#server.tokenOf('operator')
    return this.#server.call('GET', `/api/v1/tasks/${taskId}`, { token })
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const id = randomName('task').replace('_', '-')
      await this.#ask('/api/v1/tasks', { ...this.#task, id })
      this.#tasks.push(id)
      const call = { request_id: `call of ${id}`, project_id: PROJECT }
      await this.#ask('/api/v1/budget/request', { ...call, tokens: 5 })
      await this.#ask('/api/v1/budget/commit', { request_id: call.request_id, usage: { total_tokens: 3 } })
      this.#calls.push(call.request_id)
      this.#heard?.()
    }
  }

  async #ask(path: string, body: object): Promise<void> {
    const { status, text } = await this.#server.call('POST', path, { token: this.#token, body })
    if (status >= 300) throw new Error(`POST ${path} answered ${status}: ${text}`)
  }
}
