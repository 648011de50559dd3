import { afterAll, beforeAll, describe } from 'vitest'
import { budgetBatchContract } from './budget-batch.contract.ts'
import { budgetCacheContract } from './budget-cache.contract.ts'
import { budgetCancellationContract } from './budget-cancellation.contract.ts'
import { budgetControllerContract } from './budget-controller.contract.ts'
import { budgetCorrectionsContract } from './budget-corrections.contract.ts'
import { budgetGrowthContract } from './budget-growth.contract.ts'
import { budgetLeaseContract } from './budget-lease.contract.ts'
import { budgetLimitsContract } from './budget-limits.contract.ts'
import { budgetModelContract } from './budget-model.contract.ts'
import { budgetMoneyContract } from './budget-money.contract.ts'
import { budgetRecordsContract } from './budget-records.contract.ts'
import { budgetTroubleContract } from './budget-trouble.contract.ts'
import { budgetWatchContract } from './budget-watch.contract.ts'
import { openPglite, type TestDatabase } from './testing/budget-databases.ts'

describe('BudgetController on PGlite', () => {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await openPglite()
  }, 60_000)
  afterAll(() => opened.close())

  budgetControllerContract(() => opened.database)
  budgetRecordsContract(() => opened.database)
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
