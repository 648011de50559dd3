import { requireMethods, requireOneOf, requireText, withDefaults } from '../../errors/index.ts'
import { type Page, pageBounds, pageOf, type SqlDatabase, type SqlExecutor } from '../../storage/index.ts'
import { TaskError } from '../task-error.ts'
import {
  AGENT_ROLES,
  AGENT_STATUSES,
  type Agent,
  type AgentClaimRequest,
  type AgentKey,
  type AgentListOptions,
  type AgentRole,
  type AgentStatus,
  type ClaimedAgent,
  type NewAgent,
} from './agent.ts'

/** What an {@link AgentRegistry} is made of. */
export interface AgentRegistryOptions {
  /** A database with the migration module `tasks`. Never closed here. */
  readonly database: SqlDatabase
}

interface AgentRow {
  readonly tenant_id: string
  readonly agent_id: string
  readonly role: AgentRole
  readonly status: AgentStatus
  readonly current_task_id: string | null
  readonly model: string | null
  readonly heartbeat_at: Date | null
  readonly updated_at: Date
  readonly claim: bigint
  readonly position: bigint
}

const COLUMNS =
  'tenant_id, agent_id, role, status, current_task_id, model, heartbeat_at, updated_at, claim, position'

/** Milliseconds without a heartbeat after which an agent is free. */
const LEASE_MS = 60_000

/** How an agent becomes free. */
const FREED = 'current_task_id = NULL, claimed_by = NULL, updated_at = clock_timestamp()'

/**
 * The agents of tenants: who they are and what each works on. An agent works on one task at a time, for the process that
 * claimed it and tells by heartbeats that it lives; the database's clock decides when it no longer does.
 */
export class AgentRegistry {
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: AgentRegistryOptions) {
    const { database } = withDefaults(options, { database: undefined })
    this.#database = requireMethods('database', database, ['query', 'transaction'])
  }

  /**
   * Adds an agent, idle; one that is known gets the role and the model, and goes on with what it does.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async register(agent: NewAgent): Promise<Agent> {
    const { rows } = await this.#database.query<AgentRow>(
      `INSERT INTO agents (tenant_id, agent_id, role, model) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, agent_id) DO UPDATE SET role = excluded.role, model = excluded.model
       RETURNING ${COLUMNS}`,
      [
        requireText('tenantId', agent.tenantId, 128),
        requireText('agentId', agent.agentId, 128),
        requireOneOf('role', agent.role, AGENT_ROLES),
        agent.model === undefined ? null : requireText('model', agent.model),
      ],
    )
    return this.#one(rows, agent)
  }

  /**
   * Claims an agent of a role for a task: the one that has been idle longest, or else one whose holder is gone; undefined
   * where there is none.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async claimIdle(request: AgentClaimRequest): Promise<ClaimedAgent | undefined> {
    const { tenantId } = request
    const role = requireOneOf('role', request.role, AGENT_ROLES)
    const taskId = requireText('taskId', request.taskId)
    const owner = requireText('owner', request.owner)
    const values = [tenantId, role, taskId, owner]
    const row =
      (await this.#take(`status = 'idle' ORDER BY updated_at`, values)) ??
      // statement_timestamp() and not clock_timestamp(): an index can be searched up to a value that stands still.
      (await this.#take(
        `status = 'working' AND heartbeat_at <= statement_timestamp() - make_interval(secs => $5::float8 / 1000)
         ORDER BY heartbeat_at`,
        [...values, LEASE_MS],
      ))
    if (row === undefined) return undefined
    return { tenantId, agentId: row.agent_id, role, model: row.model, taskId, claim: Number(row.claim) }
  }

  async #take(free: string, values: readonly unknown[]): Promise<AgentRow | undefined> {
    const { rows } = await this.#database.query<AgentRow>(
      `WITH free AS MATERIALIZED (
         SELECT tenant_id, agent_id FROM agents
          WHERE tenant_id = $1 AND role = $2 AND ${free} LIMIT 1 FOR UPDATE SKIP LOCKED)
       UPDATE agents a SET status = 'working', current_task_id = $3, claimed_by = $4, claim = a.claim + 1,
              heartbeat_at = clock_timestamp(), updated_at = clock_timestamp()
         FROM free WHERE a.tenant_id = free.tenant_id AND a.agent_id = free.agent_id
       RETURNING ${COLUMNS.replace(/\w+/g, (name) => `a.${name}`)}`,
      values,
    )
    return rows[0]
  }

  /** Tells that the holder of an agent lives; false where the agent was disabled or has gone to another. @throws StorageError by code. */
  async heartbeat(claim: ClaimedAgent): Promise<boolean> {
    const told = await this.#database.query(
      `UPDATE agents SET heartbeat_at = clock_timestamp()
        WHERE tenant_id = $1 AND agent_id = $2 AND claim = $3::bigint AND status = 'working'`,
      [claim.tenantId, claim.agentId, claim.claim],
    )
    return told.rowCount === 1
  }

  /** Gives an agent back; false, and nothing changed, where it was disabled or has gone to another. @throws StorageError by code. */
  async release(claim: ClaimedAgent): Promise<boolean> {
    const released = await this.#database.query(
      `UPDATE agents SET status = 'idle', ${FREED}
        WHERE tenant_id = $1 AND agent_id = $2 AND claim = $3::bigint AND status = 'working'`,
      [claim.tenantId, claim.agentId, claim.claim],
    )
    return released.rowCount === 1
  }

  /**
   * Gives every agent back that is at work, and says how many there were: for a process that has the database to itself,
   * at its start, as whoever held them is gone.
   * @throws StorageError by code.
   */
  async lapseAll(): Promise<number> {
    const freed = await this.#database.query(
      `UPDATE agents SET status = 'idle', claim = claim + 1, ${FREED} WHERE status = 'working'`,
    )
    return freed.rowCount
  }

  /**
   * Lets nobody claim an agent from now on, and takes it from whoever holds it: its next heartbeat is refused.
   * @throws TaskError `AGENT_NOT_FOUND`; StorageError by code.
   */
  async disable(key: AgentKey, executor: SqlExecutor = this.#database): Promise<Agent> {
    const { rows } = await executor.query<AgentRow>(
      `UPDATE agents SET status = 'disabled', claim = claim + 1, ${FREED}
        WHERE tenant_id = $1 AND agent_id = $2 RETURNING ${COLUMNS}`,
      [key.tenantId, key.agentId],
    )
    return this.#one(rows, key)
  }

  /** Makes a disabled agent idle; any other stays as it is. @throws TaskError `AGENT_NOT_FOUND`; StorageError by code. */
  async enable(key: AgentKey, executor: SqlExecutor = this.#database): Promise<Agent> {
    await executor.query(
      `UPDATE agents SET status = 'idle', ${FREED} WHERE tenant_id = $1 AND agent_id = $2 AND status = 'disabled'`,
      [key.tenantId, key.agentId],
    )
    return this.get(key, executor)
  }

  /** An agent as it stands. @throws TaskError `AGENT_NOT_FOUND`; StorageError by code. */
  async get(key: AgentKey, executor: SqlExecutor = this.#database): Promise<Agent> {
    const { rows } = await executor.query<AgentRow>(
      `SELECT ${COLUMNS} FROM agents WHERE tenant_id = $1 AND agent_id = $2`,
      [key.tenantId, key.agentId],
    )
    return this.#one(rows, key)
  }

  /**
   * A page of agents in the order of their registration.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor, role or status; StorageError by code.
   */
  async list(options: AgentListOptions): Promise<Page<Agent>> {
    const { limit, position } = pageBounds(options)
    const role = options.role === undefined ? null : requireOneOf('role', options.role, AGENT_ROLES)
    const status =
      options.status === undefined ? null : requireOneOf('status', options.status, AGENT_STATUSES)
    const { rows } = await this.#database.query<AgentRow>(
      `SELECT ${COLUMNS} FROM agents
        WHERE tenant_id = $1 AND position > $2::bigint
          AND ($3::text IS NULL OR role = $3) AND ($4::text IS NULL OR status = $4)
        ORDER BY position LIMIT $5::int`,
      [options.tenantId, position ?? 0n, role, status, limit + 1],
    )
    return pageOf(rows, limit, agentOf, (row) => row.position)
  }

  #one(rows: readonly AgentRow[], { tenantId, agentId }: AgentKey): Agent {
    const row = rows[0]
    if (row !== undefined) return agentOf(row)
    throw new TaskError({
      code: 'AGENT_NOT_FOUND',
      message: `no agent ${agentId}`,
      details: { tenantId, agentId },
    })
  }
}

function agentOf(row: AgentRow): Agent {
  return {
    tenantId: row.tenant_id,
    agentId: row.agent_id,
    role: row.role,
    status: row.status,
    currentTaskId: row.current_task_id,
    model: row.model,
    heartbeatAt: row.heartbeat_at,
    updatedAt: row.updated_at,
  }
}
