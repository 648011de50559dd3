import { BudgetController, type LedgerVerification } from '@golden-arch/budget'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { CliError } from '../cli-error.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { SCOPE, scopeText } from './budget-scope-words.ts'

/** `budget verify`: the counters of tenants against their ledgers. */
export async function verifyLedger(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, { tenant: SCOPE.tenant, project: SCOPE.project })
  refuseWords(positionals)
  const { tenant, project } = values
  if (tenant === undefined && project !== undefined) throw CliError.usage('--project needs a --tenant')
  const { terminal, signal } = context
  const found: ({ readonly tenantId: string } & LedgerVerification)[] = []
  await withPostgres(context, async (database) => {
    const budgets = new BudgetController({ database })
    for (const tenantId of tenant === undefined ? await knownTenants(database) : [tenant]) {
      terminal.progress(`verifying the ledger of ${tenantId}`)
      const part = project === undefined ? { tenantId } : { tenantId, projectId: project }
      const verification = await budgets.verify(part, { signal })
      found.push({ tenantId, ...verification })
      sayVerification(context, tenantId, verification)
    }
  })
  if (found.length === 0) terminal.say('no tenant has a budget')
  const isConsistent = found.every((one) => one.isConsistent)
  return { exitCode: isConsistent ? EXIT_CODES.ok : EXIT_CODES.failed, result: { tenants: found } }
}

function sayVerification(
  { terminal }: CommandContext,
  tenantId: string,
  { isConsistent, checkedBudgets, differences }: LedgerVerification,
): void {
  const word = isConsistent ? terminal.paint('green', 'good') : terminal.paint('red', 'bad')
  const checked = `${counted(checkedBudgets, 'budget')} checked`
  terminal.say(`${word} ${tenantId}: ${checked}, ${counted(differences.length, 'difference')}`)
  for (const { scope, counter, unit, counted, rebuilt } of differences) {
    terminal.say(`  ${scopeText(scope)}: ${counter} is ${counted} ${unit}, by the ledger ${rebuilt}`)
  }
}

async function knownTenants(database: SqlDatabase): Promise<readonly string[]> {
  const { rows } = await database.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM budget_tenants ORDER BY tenant_id',
  )
  return rows.map(({ tenant_id: tenantId }) => tenantId)
}
