import { setTimeout as delay } from 'node:timers/promises'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import type { Answer } from '../assembled-server.ts'
import { callServer, signInAt } from '../server-client.ts'
import type { ServerFleet } from './server-fleet.ts'

const PAUSE_MS = 200
const ACCEPTED = 202

/** Posts tasks as a client does that must know them taken: again, under the same id, until the server has said so. */
export class ChaosClient {
  /** Calls that came to nothing, as while no gateway ran. */
  repeats = 0
  readonly #fleet: ServerFleet
  readonly #password: string
  #token: string | undefined

  constructor(fleet: ServerFleet, password: string) {
    this.#fleet = fleet
    this.#password = password
  }

  /** Throws where the server refuses the task, or the signal fires first. */
  async post(task: CodingTask, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const answer = await this.#try(task).catch(() => undefined)
      if (answer?.status === ACCEPTED) return
      if (answer !== undefined && answer.status < 500 && ![401, 429].includes(answer.status)) {
        throw new Error(`${task.id} was refused with ${answer.status}: ${answer.text}`)
      }
      if (answer?.status === 401) this.#token = undefined
      this.repeats++
      await delay(PAUSE_MS)
    }
  }

  async #try(body: CodingTask): Promise<Answer> {
    const address = await this.#fleet.address()
    this.#token ??= await signInAt(address, 'admin', this.#password)
    return callServer(address, 'POST', '/api/v1/tasks', { token: this.#token, body })
  }
}
