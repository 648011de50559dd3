/** Run within an app that has installed the packed packages: a budget charged and code run, from `dist` alone. */
import { PGlite } from '@electric-sql/pglite'
import { BudgetController } from '@golden-arch/budget'
import { Migrator, readPackageMigrations } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'

const database = await PgliteDatabase.open({ create: () => PGlite.create() })
const migrations = await readPackageMigrations(import.meta.resolve('@golden-arch/budget/package.json'))
await new Migrator({ database, migrations }).up()
const budgets = new BudgetController({ database })
const scope = { tenantId: 'acme', projectId: 'search' }
await budgets.setLimit({ scope, limitTokens: 1000, actor: 'ada' })
const decision = await budgets.requestTokens({ ...scope, requestId: 'r1', tokens: 400 })
expectEqual('the decision', decision.status, 'granted')
await budgets.commit({ ...scope, requestId: 'r1', usage: { totalTokens: 123 } })
expectEqual('tokens used', (await budgets.state(scope)).usedTokens, 123)
await database.close()

const backend = new QuickJsBackend({ maxWorkers: 1 })
const executor = new SandboxExecutor({ backend, minimumIsolation: 'wasm' })
const request = {
  executionId: 'e1',
  tenantId: 'acme',
  language: 'javascript',
  limits: { timeoutMs: 20_000 },
}
const result = await executor.execute({ ...request, code: '1 + 1' })
expectEqual('the result', `${result.status} ${result.value}`, 'ok 2')
await executor.close()
await backend.close()

function expectEqual(what, received, expected) {
  if (received !== expected) throw new Error(`${what}: ${String(received)} instead of ${String(expected)}`)
}
