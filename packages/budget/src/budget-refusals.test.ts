import { expect, test } from 'vitest'
import type { DeniedDecision } from './budget-decision.ts'
import {
  budgetExhausted,
  budgetNotFound,
  currencyMismatch,
  requestConflict,
  reservationNotFound,
  reservationSettled,
} from './budget-refusals.ts'
import { money } from './pricing/money.ts'

const scope = { tenantId: 'acme', projectId: 'assistant' }

test.each([
  [
    budgetNotFound(scope),
    'BUDGET_NOT_FOUND',
    'no budget for this scope: `setLimit` makes one, `defaultLimitTokens` one for each project',
    { scope },
  ],
  [
    requestConflict('r-1', 'tokens'),
    'REQUEST_CONFLICT',
    'request id was used before with another tokens',
    { requestId: 'r-1', field: 'tokens' },
  ],
  [
    reservationNotFound('r-1'),
    'RESERVATION_NOT_FOUND',
    'the tenant has no reservation with this request id',
    { requestId: 'r-1' },
  ],
  [
    reservationSettled({ requestId: 'r-1', status: 'released' }, 'status'),
    'RESERVATION_SETTLED',
    'the reservation is released already',
    { requestId: 'r-1', status: 'released', field: 'status' },
  ],
  [
    reservationSettled({ requestId: 'r-1', status: 'committed' }, 'usage'),
    'RESERVATION_SETTLED',
    'it was committed with another usage',
    { requestId: 'r-1', status: 'committed', field: 'usage' },
  ],
  [
    currencyMismatch(scope, ['EUR', 'USD']),
    'CURRENCY_MISMATCH',
    'amounts of different currencies cannot be counted together',
    { scope, currencies: ['EUR', 'USD'] },
  ],
])('%s', (error, code, message, details) => {
  expect(error).toMatchObject({ code, message, retryable: false })
  expect(error.details).toEqual(details)
})

test('a denial says of which level, what was asked for and what is left, in tokens or in money', () => {
  const denied: DeniedDecision = {
    ...{ status: 'denied', level: 'project', scope, unit: 'tokens', availableTokens: 70, limitTokens: 100 },
    ...{ requestedMoney: null, availableMoney: null, limitMoney: null },
    ...{ resetsAt: new Date('2026-03-30T00:00:00Z') },
  }
  const request = { ...scope, requestId: 'r-1' }
  const byTokens = budgetExhausted(denied, { ...request, tokens: 71 })
  expect(byTokens).toMatchObject({ code: 'BUDGET_EXHAUSTED', retryable: false })
  expect(byTokens.message).toBe('the budget of the project has no room for 71 tokens: 70 of 100 left')
  expect(byTokens.details).toEqual({
    ...{
      level: 'project',
      scope,
      unit: 'tokens',
      requestedTokens: 71,
      availableTokens: 70,
      limitTokens: 100,
    },
    ...{ requestedMoney: null, availableMoney: null, limitMoney: null },
    ...{ resetsAt: '2026-03-30T00:00:00.000Z' },
  })
  const inMoney = {
    requestedMoney: money('USD', 20_410n),
    availableMoney: money('USD', 20_000n),
    limitMoney: money('USD', 5_000_000n),
  }
  const byMoney = budgetExhausted(
    { ...denied, ...inMoney, unit: 'money', resetsAt: null },
    { ...request, model: 'small', inputTokens: 60, maxOutputTokens: 5 },
  )
  expect(byMoney.message).toBe(
    'the budget of the project has no room for 0.02041 USD (65 tokens): 0.02 USD of 5.00 USD left',
  )
  expect(byMoney.details).toMatchObject({
    ...{ unit: 'money', requestedTokens: 65, resetsAt: null },
    ...{ requestedMoney: '0.02041 USD', availableMoney: '0.02 USD', limitMoney: '5.00 USD' },
  })
  expect(JSON.parse(JSON.stringify(byMoney.details))).toEqual(byMoney.details)
})
