import { requireMethods, requireObject } from '@golden-arch/core/errors'
import {
  addMcpTool,
  type McpJsonSchema,
  type McpOutput,
  type McpToolOptions,
  type McpToolServer,
  objectSchema,
} from '@golden-arch/core/mcp'
import type { BudgetController } from '../budget-controller.ts'
import type { BudgetState, MoneyState } from '../budget-state.ts'
import type { Forecast } from '../limits/forecast.ts'
import { formatMoney } from '../pricing/money.ts'

/** What {@link addBudgetTools} is made of. */
export interface BudgetMcpOptions<Schema> extends McpToolOptions<Schema> {
  /** A BudgetController. */
  readonly budgets: Pick<BudgetController, 'state'>
}

const id = (description: string, maxLength: number): McpJsonSchema => ({
  type: 'string',
  description,
  minLength: 1,
  maxLength,
})
const INPUT = objectSchema(
  {
    project_id: id('Default: the whole tenant.', 128),
    task_id: id('A task of the project. Default: every task.', 256),
    agent_id: id('An agent of the project. Default: every agent.', 256),
  },
  ['project_id', 'task_id', 'agent_id'],
)

const instant = (description: string): McpJsonSchema => ({ type: 'string', description })
const amount = (description: string): McpJsonSchema => ({ type: 'string', description })
const tokens = (description: string): McpJsonSchema => ({ type: 'integer', description })
const FORECAST = objectSchema(
  {
    exhausts_at: instant('When nothing is left at this rate. Absent: not in this period.'),
    rate_per_hour: { type: 'number', description: 'Tokens, or millionths of the currency, per hour.' },
  },
  ['exhausts_at'],
)
const OUTPUT = objectSchema(
  {
    level: { type: 'string', enum: ['tenant', 'project', 'task', 'agent'] },
    limit_tokens: tokens('Absent: not limited.'),
    used_tokens: tokens('Settled in this period.'),
    held_tokens: tokens('Held for calls that are under way.'),
    available_tokens: tokens('What may be asked for now; negative where overdrawn. Absent: not limited.'),
    money: objectSchema(
      {
        limit: amount('Such as 2.50 USD. Absent: not limited.'),
        used: amount('Settled in this period.'),
        held: amount('Held for calls that are under way.'),
        available: amount('What may be asked for now. Absent: not limited.'),
      },
      ['limit', 'available'],
    ),
    period_starts_at: instant('When it began to count.'),
    resets_at: instant('When it begins again from nothing. Absent: never.'),
    forecast: objectSchema({ tokens: FORECAST, money: FORECAST }, ['money']),
  },
  ['limit_tokens', 'available_tokens', 'money', 'resets_at'],
)

/**
 * Adds the tool `budget_state` to an MCP server: limits, what is used and held, and when it runs out at the rate of its
 * period, of one budget of the caller's tenant. The caller needs the permission `task:read`. It only reads.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; what the server throws, as on a name that it has.
 */
export function addBudgetTools<Schema>(
  server: McpToolServer<NoInfer<Schema>>,
  options: BudgetMcpOptions<Schema>,
): void {
  const { budgets, ...tool } = requireObject('options', options)
  requireMethods('budgets', budgets, ['state'])
  addMcpTool(server, tool, {
    name: 'budget_state',
    title: 'State of a budget',
    description:
      'Tells limits, use, holds and forecast of the budget of a project, task or agent, or of all.',
    inputSchema: INPUT,
    outputSchema: OUTPUT,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    permission: 'task:read',
    tells: ['INVALID_OPTION', 'BUDGET_NOT_FOUND'],
    run: async ({ project_id, task_id, agent_id }, { caller: { tenantId }, signal }) => {
      const scope = {
        tenantId,
        projectId: textOf(project_id),
        taskId: textOf(task_id),
        agentId: textOf(agent_id),
      }
      return stateOutput(await budgets.state(scope, { signal }))
    },
  })
}

/** The input fits its schema: what is there is a text. */
function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}

function stateOutput(state: BudgetState): McpOutput {
  const { money, forecast } = state
  return {
    level: state.level,
    ...present('limit_tokens', state.limitTokens),
    used_tokens: state.usedTokens,
    held_tokens: state.reservedTokens,
    ...present('available_tokens', state.availableTokens),
    ...(money === undefined ? {} : { money: moneyOutput(money) }),
    period_starts_at: state.period.startsAt.toISOString(),
    ...present('resets_at', state.resetsAt?.toISOString()),
    forecast: {
      tokens: forecastOutput(forecast.tokens),
      ...(forecast.money === undefined ? {} : { money: forecastOutput(forecast.money) }),
    },
  }
}

function moneyOutput({ limit, used, reserved, available }: MoneyState): McpOutput {
  return {
    ...present('limit', limit === null ? null : formatMoney(limit)),
    used: formatMoney(used),
    held: formatMoney(reserved),
    ...present('available', available === null ? null : formatMoney(available)),
  }
}

function forecastOutput({ exhaustsAt, ratePerHour }: Forecast): McpOutput {
  return { ...present('exhausts_at', exhaustsAt?.toISOString()), rate_per_hour: ratePerHour }
}

function present(name: string, value: string | number | null | undefined): McpOutput {
  return value === null || value === undefined ? {} : { [name]: value }
}
