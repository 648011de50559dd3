import { requireInteger, requireMethods, requireTenantId, withDefaults } from '@golden-arch/core/errors'
import {
  type OrderedPageOptions,
  orderedPageBounds,
  type Page,
  pageOf,
  type SqlDatabase,
} from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { CHANGE_COLUMNS, type ChangeRow, changeOf } from './change-rows.ts'
import { requireRoleName } from './check-proposal.ts'
import { LearningError } from './learning-error.ts'
import type { PromptChange } from './prompt-change.ts'
import type { PromptRole } from './prompt-role.ts'
import { findPrompt, PROMPT_COLUMNS, type PromptRow, type PromptVersion, promptOf } from './prompt-rows.ts'

/** What a {@link PromptRegistry} is made of. */
export interface PromptRegistryOptions {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
}

/** Which version of a role's prompt. */
export interface PromptVersionKey extends PromptRole {
  /** From 1. */
  readonly version: number
}

/** Whose versions or changes, page by page. */
export interface PromptListOptions extends PromptRole, OrderedPageOptions {}

/** A version without its text. */
export type PromptVersionTitle = Omit<PromptVersion, 'content'>

type TitleRow = Omit<PromptRow, 'content'>

/** Reads the prompts of agents: versions that never change, the one in force, and how they followed one another. */
export class PromptRegistry {
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: PromptRegistryOptions) {
    const { database } = withDefaults(options, { database: undefined })
    this.#database = requireMethods('database', database, ['query'])
  }

  /** The version in force; undefined before the first. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  async findCurrent(role: PromptRole): Promise<PromptVersion | undefined> {
    const { rows } = await this.#database.query<PromptRow>(
      `SELECT ${PROMPT_COLUMNS} FROM prompt_labels l
         JOIN prompts p ON p.tenant_id = l.tenant_id AND p.agent_role = l.agent_role AND p.version = l.version
        WHERE l.tenant_id = $1 AND l.agent_role = $2 AND l.label = 'production'`,
      keyOf(role),
    )
    return rows[0] === undefined ? undefined : promptOf(rows[0])
  }

  /** A version. @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_VERSION_NOT_FOUND`; StorageError by code. */
  async getVersion({ version, ...role }: PromptVersionKey): Promise<PromptVersion> {
    const [tenantId, agentRole] = keyOf(role)
    requireInteger('version', version, { min: 1, max: 2 ** 31 - 1 })
    const found = await findPrompt(this.#database, tenantId, agentRole, version)
    if (found !== undefined) return found
    throw new LearningError({
      code: 'LEARNING_VERSION_NOT_FOUND',
      message: `no version ${version} of the prompt for ${agentRole}`,
      details: { tenantId, agentRole, version },
    })
  }

  /** A page of versions without their texts. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  async listVersions(options: PromptListOptions): Promise<Page<PromptVersionTitle>> {
    const { limit, position, beyond, direction } = orderedPageBounds(options)
    const { rows } = await this.#database.query<TitleRow>(
      `SELECT tenant_id, agent_role, version, content_sha256, created_by, created_at FROM prompts
        WHERE tenant_id = $1 AND agent_role = $2 AND version ${beyond} $3::bigint ORDER BY version ${direction} LIMIT $4::int`,
      [...keyOf(options), position, limit + 1],
    )
    return pageOf(rows, limit, titleOf, (row) => BigInt(row.version))
  }

  /** A page of changes, those that wait or fell among them. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  async listChanges(options: PromptListOptions): Promise<Page<PromptChange>> {
    const { limit, position, beyond, direction } = orderedPageBounds(options)
    const { rows } = await this.#database.query<ChangeRow>(
      `SELECT ${CHANGE_COLUMNS} FROM learning_history
        WHERE tenant_id = $1 AND agent_role = $2 AND position ${beyond} $3::bigint ORDER BY position ${direction} LIMIT $4::int`,
      [...keyOf(options), position, limit + 1],
    )
    return pageOf(rows, limit, changeOf, (row) => row.position)
  }
}

function keyOf({ tenantId, agentRole }: PromptRole): readonly [string, AgentRole] {
  return [requireTenantId(tenantId), requireRoleName(agentRole)]
}

function titleOf(row: TitleRow): PromptVersionTitle {
  const { content: _content, ...title } = promptOf({ ...row, content: '' })
  return title
}
