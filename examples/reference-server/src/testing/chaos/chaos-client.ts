import { setTimeout as delay } from 'node:timers/promises'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import type { Answer } from '../assembled-server.ts'
import { callServer, signInAt } from '../server-client.ts'
import type { ServerFleet } from './server-fleet.ts'

const PAUSE_MS = 200
const PROJECT = 'coding-tasks'

/** Asks as a client does that must know it done: again, word for word, until the server has answered. */
export class ChaosClient {
  /** Calls that came to nothing, as while no gateway ran. */
  repeats = 0
  readonly #fleet: Pick<ServerFleet, 'address'>
  readonly #password: string
  #token: string | undefined

  constructor(fleet: Pick<ServerFleet, 'address'>, password: string) {
    this.#fleet = fleet
    this.#password = password
  }

  /** Posts a task. Throws where the server refuses it, or the signal fires first. */
  async post(task: CodingTask, signal: AbortSignal): Promise<void> {
    const { status, text } = await this.#insist('POST', '/api/v1/tasks', task, signal)
    if (status !== 202) throw new Error(`${task.id} was refused with ${status}: ${text}`)
  }

  /**
   * Asks a budget of its own for more than it has. The event of that is written into the audit log on account of its
   * message alone: nothing else would find it. Throws where it is granted, or the signal fires first.
   */
  async exhaust(name: string, signal: AbortSignal): Promise<void> {
    const scope = { project_id: PROJECT, task_id: name }
    const limit = await this.#insist('PUT', '/api/v1/budget/limits', { ...scope, limit_tokens: 1 }, signal)
    if (limit.status !== 200) throw new Error(`the limit of ${name} was refused: ${limit.text}`)
    const order = { ...scope, request_id: name, tokens: 2 }
    const { body, text } = await this.#insist('POST', '/api/v1/budget/request', order, signal)
    if (body?.status !== 'denied') throw new Error(`${name} was not denied: ${text}`)
  }

  /** Lets the project spend that many tokens. Throws where the server refuses it, or the signal fires first. */
  async allow(limitTokens: number, signal: AbortSignal): Promise<void> {
    const order = { project_id: PROJECT, limit_tokens: limitTokens }
    const { status, text } = await this.#insist('PUT', '/api/v1/budget/limits', order, signal)
    if (status !== 200) throw new Error(`the limit of the project was refused: ${text}`)
  }

  /** Reads what is at a path, as it stands. Throws where the server refuses it, or the signal fires first. */
  async read(path: string, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#insist('GET', path, undefined, signal)
    if (answer.status !== 200) throw new Error(`${path} was refused: ${answer.text}`)
    return answer
  }

  async #insist(
    method: string,
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    for (;;) {
      signal.throwIfAborted()
      const answer = await this.#try(method, path, body).catch(() => undefined)
      if (answer !== undefined && answer.status < 500 && ![401, 429].includes(answer.status)) return answer
      if (answer?.status === 401) this.#token = undefined
      this.repeats++
      await delay(PAUSE_MS)
    }
  }

  async #try(method: string, path: string, body: object | undefined): Promise<Answer> {
    const address = await this.#fleet.address()
    this.#token ??= await signInAt(address, 'admin', this.#password)
    return callServer(address, method, path, { token: this.#token, body })
  }
}
