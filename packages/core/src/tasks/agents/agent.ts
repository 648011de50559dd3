import type { PageOptions } from '../../storage/index.ts'

/** The roles of agents: what each is good for. The roles of people are another type. */
export const AGENT_ROLES = ['security', 'architect', 'developer', 'reviewer', 'tester'] as const

/** A role of an agent. */
export type AgentRole = (typeof AGENT_ROLES)[number]

/** `working`: a process has claimed the agent for a task. `disabled`: nobody may. */
export const AGENT_STATUSES = ['idle', 'working', 'disabled'] as const

/** Whether an agent is free. */
export type AgentStatus = (typeof AGENT_STATUSES)[number]

/** The address of an agent. */
export interface AgentKey {
  readonly tenantId: string
  /** 1 to 128 characters. */
  readonly agentId: string
}

/** What is said of an agent when it is registered. */
export interface NewAgent extends AgentKey {
  readonly role: AgentRole
  /** The model that it asks, 1 to 256 characters. Default: left open. */
  readonly model?: string | undefined
}

/** An agent as stored. */
export interface Agent extends AgentKey {
  readonly role: AgentRole
  readonly status: AgentStatus
  /** Null unless `working`. */
  readonly currentTaskId: string | null
  readonly model: string | null
  /** When its holder last told that it lives; null where it never had one. */
  readonly heartbeatAt: Date | null
  readonly updatedAt: Date
}

/** What a page of agents is asked by. */
export interface AgentListOptions extends PageOptions {
  readonly tenantId: string
  readonly role?: AgentRole
  readonly status?: AgentStatus
}

/** For whom an agent is claimed. */
export interface AgentClaimRequest {
  readonly tenantId: string
  readonly role: AgentRole
  /** The task that it is to work on. */
  readonly taskId: string
  /** The process that claims, 1 to 256 characters. */
  readonly owner: string
}

/** The right to act as an agent until its heartbeat lapses. */
export interface ClaimedAgent extends AgentKey {
  readonly role: AgentRole
  readonly model: string | null
  readonly taskId: string
  /** Names this very claim. */
  readonly claim: number
}
