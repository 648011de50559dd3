/** An MCP server over standard input and output: a sandbox, a budget, and prompt updates that wait for a person. */
import { userInfo } from 'node:os'
import { PGlite } from '@electric-sql/pglite'
import { BudgetController } from '@golden-arch/budget'
import { addBudgetTools } from '@golden-arch/budget/mcp'
import type { McpCaller } from '@golden-arch/core/mcp'
import { Migrator, readPackageMigrations } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { LearningGovernance, PromptApprovals, PromptGovernor } from '@golden-arch/governance/learning'
import { addGovernanceTools } from '@golden-arch/governance/mcp'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { addSandboxTools } from '@golden-arch/sandbox/mcp'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

const database = await PgliteDatabase.open({ create: () => PGlite.create() })
for (const name of ['budget', 'governance']) {
  const manifest = import.meta.resolve(`@golden-arch/${name}/package.json`)
  await new Migrator({ database, migrations: await readPackageMigrations(manifest) }).up({ modules: [name] })
}
const budgets = new BudgetController({ database })
const learning = new LearningGovernance({ database })
const approvals = new PromptApprovals({ learning })
const backend = new QuickJsBackend({ maxConcurrent: 1 })
const sandbox = new SandboxExecutor({ backend, minimumIsolation: 'wasm' })

// Whoever started this process speaks through it; over HTTP, read `request.authInfo` instead.
const me = { id: userInfo().username, kind: 'human' } as const
const caller = (): McpCaller => ({
  tenantId: 'acme',
  actor: me,
  permissions: ['task:create', 'task:read', 'prompt:read', 'prompt:approve'],
})

await somethingToShow()
serveStdio(() => {
  const server = new McpServer({ name: 'golden-arch', version: '1.0.0' })
  const every = { caller, schema: fromJsonSchema }
  addSandboxTools(server, { ...every, sandbox, limits: { timeoutMs: 2000 } })
  addBudgetTools(server, { ...every, budgets })
  addGovernanceTools(server, { ...every, approvals })
  return server
})
process.stdin.once('end', async () => {
  await sandbox.close()
  await backend.close()
  await database.close()
})

async function somethingToShow(): Promise<void> {
  const scope = { tenantId: 'acme', projectId: 'assistant' }
  await budgets.setLimit({ scope, limitTokens: 100_000, actor: me })
  await budgets.requestTokens({ ...scope, taskId: 'task-7', requestId: 'call-1', tokens: 4000 })
  const role = { tenantId: 'acme', agentRole: 'architect' } as const
  const learner = { id: 'learner', kind: 'agent' } as const
  const governor = new PromptGovernor({ learning })
  await governor.seed({ ...role, content: 'Draw the parts.\nName their interfaces.', actor: me })
  await governor.propose({
    ...role,
    updateId: 'pattern-17',
    content: 'Draw the parts.\nName their interfaces and what each may not do.',
    reason: '7 of 9 failures crossed a border',
    actor: learner,
  })
}
