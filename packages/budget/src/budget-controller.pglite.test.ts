import { afterAll, beforeAll, describe } from 'vitest'
import { openPglite, type TestDatabase } from './testing/budget-databases.ts'
import { budgetBatchContract } from './testing/contract/budget-batch.contract.ts'
import { budgetCacheContract } from './testing/contract/budget-cache.contract.ts'
import { budgetCancellationContract } from './testing/contract/budget-cancellation.contract.ts'
import { budgetControllerContract } from './testing/contract/budget-controller.contract.ts'
import { budgetCorrectionsContract } from './testing/contract/budget-corrections.contract.ts'
import { budgetGrowthContract } from './testing/contract/budget-growth.contract.ts'
import { budgetLeaseContract } from './testing/contract/budget-lease.contract.ts'
import { budgetLimitsContract } from './testing/contract/budget-limits.contract.ts'
import { budgetModelContract } from './testing/contract/budget-model.contract.ts'
import { budgetMoneyContract } from './testing/contract/budget-money.contract.ts'
import { budgetRecordsContract } from './testing/contract/budget-records.contract.ts'
import { budgetTablesContract } from './testing/contract/budget-tables.contract.ts'
import { budgetTroubleContract } from './testing/contract/budget-trouble.contract.ts'
import { budgetWatchContract } from './testing/contract/budget-watch.contract.ts'

describe('BudgetController on PGlite', () => {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await openPglite()
  }, 60_000)
  afterAll(() => opened.close())

  budgetControllerContract(() => opened.database)
  budgetRecordsContract(() => opened.database)
  budgetTablesContract(() => opened.database)
  budgetGrowthContract(() => opened.database)
  budgetLimitsContract(() => opened.database)
  budgetCorrectionsContract(() => opened.database)
  budgetMoneyContract(() => opened.database)
  budgetTroubleContract(() => opened.database)
  budgetBatchContract(() => opened.database)
  budgetCancellationContract(() => opened.database)
  budgetWatchContract(() => opened.database)
  budgetLeaseContract(() => opened.database)
  budgetCacheContract(() => opened.database)
  budgetModelContract(() => opened.database, 25)
})
