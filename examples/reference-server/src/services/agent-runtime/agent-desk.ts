import type { Logger } from '@golden-arch/core/observability'
import {
  AGENT_ROLES,
  type AgentRegistry,
  type AgentRole,
  type ClaimedAgent,
  TaskError,
} from '@golden-arch/core/tasks'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'

/** What an {@link AgentDesk} is made of. */
export interface AgentDeskOptions {
  readonly registry: AgentRegistry
  /** This process. */
  readonly owner: string
  /** Agents of each role that are registered for a tenant: so many questions of a role may its tasks ask at once, in all processes. */
  readonly agentsPerRole: number
  /** Name of the model that they ask. */
  readonly model: string
  readonly logger: Logger
  /** Milliseconds between two signs of life of an agent at work. Default 20000 (20 seconds). */
  readonly heartbeatMs?: number
  /** Milliseconds for which a step is given back that finds no agent free, or loses its own. Default 1000 (1 second). */
  readonly waitMs?: number
  /** Default the system clock. */
  readonly clock?: Clock
}

/** For what an agent is needed. */
export interface AgentNeed {
  readonly tenantId: string
  readonly taskId: string
  readonly role: AgentRole
}

/** Lends agents of the registry: each works on one thing at a time, and one that was disabled on nothing. */
export class AgentDesk {
  readonly #options: AgentDeskOptions
  readonly #known = new Map<string, Promise<void>>()

  constructor(options: AgentDeskOptions) {
    this.#options = options
  }

  /**
   * Lets `use` act as a free agent of the role; the signal that `use` gets fires also when the agent is taken away. Where none
   * is free nobody waits here, in a place that another tenant's step could have.
   * @throws TaskError `STEP_NOT_NOW` where no agent is free, or where it was taken away before `use` had ended; StorageError
   * by code; whatever `use` throws.
   */
  async withAgent<T>(
    need: AgentNeed,
    signal: AbortSignal,
    use: (agent: ClaimedAgent, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { registry, logger } = this.#options
    await this.#ensureAgents(need.tenantId)
    const agent = await this.#claim(need)
    const taken = new AbortController()
    const ended = new AbortController()
    const living = this.#live(agent, taken, ended.signal)
    try {
      return await use(agent, AbortSignal.any([signal, taken.signal]))
    } catch (error) {
      // The step is not at fault: another agent begins it anew.
      if (taken.signal.aborted && !signal.aborted) throw taken.signal.reason
      throw error
    } finally {
      ended.abort()
      await living
      await registry.release(agent).catch((error: unknown) => {
        // It becomes free by itself once its heartbeat has lapsed.
        logger.warn({ err: error, agentId: agent.agentId }, 'an agent could not be given back')
      })
    }
  }

  async #claim(need: AgentNeed): Promise<ClaimedAgent> {
    const { registry, owner } = this.#options
    const agent = await registry.claimIdle({ ...need, owner })
    if (agent === undefined) throw this.#notNow(`no ${need.role} is free`)
    return agent
  }

  #notNow(reason: string): TaskError {
    return TaskError.stepNotNow(reason, this.#options.waitMs ?? 1000)
  }

  /** Tells that the agent is at work until it has ended; takes it from its work where the registry has. */
  async #live(agent: ClaimedAgent, taken: AbortController, ended: AbortSignal): Promise<void> {
    const { registry, logger, heartbeatMs = 20_000, clock = systemClock } = this.#options
    for (;;) {
      await sleep(heartbeatMs, { signal: ended, clock }).catch(() => undefined)
      if (ended.aborted) return
      try {
        if (await registry.heartbeat(agent)) continue
        const { tenantId, agentId, taskId } = agent
        logger.warn({ tenantId, agentId, taskId }, 'an agent was taken from its work')
        taken.abort(this.#notNow(`agent ${agentId} was taken from its work`))
        return
      } catch (error) {
        logger.warn({ err: error, agentId: agent.agentId }, 'an agent could not tell that it lives')
      }
    }
  }

  #ensureAgents(tenantId: string): Promise<void> {
    const known = this.#known.get(tenantId) ?? this.#register(tenantId)
    this.#known.set(tenantId, known)
    known.catch(() => this.#known.delete(tenantId))
    return known
  }

  async #register(tenantId: string): Promise<void> {
    const { registry, agentsPerRole, model } = this.#options
    for (const role of AGENT_ROLES) {
      for (let number = 1; number <= agentsPerRole; number++) {
        await registry.register({ tenantId, agentId: `${role}-${number}`, role, model })
      }
    }
  }
}
