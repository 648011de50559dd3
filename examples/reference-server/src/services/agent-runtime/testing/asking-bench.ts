import { BudgetController, type PriceTable } from '@golden-arch/budget'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { z } from 'zod'
import { AgentRuntime, type AgentRuntimeOptions } from '../agent-runtime.ts'
import { strictAnswerParser } from '../answer-parser.ts'
import type { ModelPort } from '../models/model-port.ts'
import type { Question } from '../question.ts'
import { tokenBudgetGate } from '../token-budget-gate.ts'

/** What the questions of tests ask for. */
const ANSWER_SCHEMA = z.strictObject({ n: z.number() })
export type TestAnswer = z.infer<typeof ANSWER_SCHEMA>

/** Makes questions, each in the name of a task of its own whose project has a budget of its own, and tells what they cost. */
export class AskingBench {
  readonly database: SqlDatabase
  readonly #prices: PriceTable | undefined
  readonly #tenantId: string
  #next = 0

  constructor(database: SqlDatabase, options: { prices?: PriceTable; tenantId?: string } = {}) {
    this.database = database
    this.#prices = options.prices
    this.#tenantId = options.tenantId ?? 'acme'
  }

  budgets(): BudgetController {
    return new BudgetController({
      database: this.database,
      ...(this.#prices === undefined ? {} : { prices: this.#prices }),
    })
  }

  /** A runtime that pauses a millisecond between calls. */
  runtime(model: ModelPort, options: Partial<AgentRuntimeOptions> = {}): AgentRuntime {
    const database = options.database ?? this.database
    const prices = this.#prices
    const budgets = new BudgetController({ database, ...(prices === undefined ? {} : { prices }) })
    return new AgentRuntime({
      database,
      model,
      budget: tokenBudgetGate(budgets, prices),
      parse: strictAnswerParser(silentMetrics),
      logger: silentLogger,
      retryDelayMs: 1,
      ...options,
    })
  }

  async question(
    options: Partial<Question<TestAnswer>> & { limitTokens?: number } = {},
  ): Promise<Question<TestAnswer>> {
    const { limitTokens = 1_000_000, ...more } = options
    const name = `asked-${++this.#next}`
    await this.budgets().setLimit({
      scope: { tenantId: this.#tenantId, projectId: name },
      limitTokens,
      actor: { id: 'test', kind: 'human' },
    })
    await this.addTask(name, name)
    return {
      tenantId: this.#tenantId,
      projectId: name,
      rootTaskId: name,
      taskId: name,
      label: name,
      agentId: 'developer-1',
      step: 'generate',
      attempt: 1,
      messages: [{ role: 'user', content: '' }],
      schema: ANSWER_SCHEMA,
      ...more,
    }
  }

  async addTask(taskId: string, projectId: string, parentTaskId: string | null = null): Promise<void> {
    await this.database.query(
      `WITH above AS (SELECT root_task_id, depth FROM tasks WHERE tenant_id = $5 AND task_id = $3)
       INSERT INTO tasks (tenant_id, task_id, project_id, parent_task_id, kind, title, created_by, root_task_id, depth)
       VALUES ($5, $1, $2, $3, $4, 'a task', 'test', coalesce((SELECT root_task_id FROM above), $1),
               coalesce((SELECT depth + 1 FROM above), 0))`,
      [taskId, projectId, parentTaskId, parentTaskId === null ? 'root' : 'child', this.#tenantId],
    )
  }

  /** What the question's project used and holds; throws where the ledger does not bear it out. */
  async cost(
    question: Question<unknown>,
  ): Promise<{ used: number; held: number; micros: bigint | undefined }> {
    const scope = { tenantId: this.#tenantId, projectId: question.projectId }
    const { usedTokens, reservedTokens, money } = await this.budgets().state(scope)
    if (!(await this.budgets().verify(scope)).isConsistent) throw new Error('the ledger does not add up')
    return { used: usedTokens, held: reservedTokens, micros: money?.used.micros }
  }

  /** What the ledger of effects keeps of the question's calls, in their order. */
  async effects(
    question: Question<unknown>,
  ): Promise<readonly { id: string; state: string; result: unknown }[]> {
    const { rows } = await this.database.query<{ id: string; state: string; result: unknown }>(
      'SELECT effect_id AS id, state, result FROM task_effects WHERE tenant_id = $1 AND task_id = $2 ORDER BY intended_at, effect_id',
      [this.#tenantId, question.taskId],
    )
    return rows
  }
}
