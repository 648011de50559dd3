import { expectTypeOf } from 'vitest'
import { bulkhead } from './bulkhead/bulkhead.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { compose } from './compose.ts'
import { fallback } from './fallback/fallback.ts'
import type { Policy } from './policy.ts'
import { retry } from './retry/retry.ts'
import { RetryBudget } from './retry/retry-budget.ts'
import { timeout } from './timeout/timeout.ts'

const budget = new RetryBudget()
const breaker = new CircuitBreaker('openai', { failureThreshold: 5, recoveryTimeoutMs: 30_000 })
const answer = { text: 'from the model' }

const policy = compose(
  bulkhead({ maxConcurrent: 20 }),
  retry({ maxAttempts: 3, budget }),
  breaker,
  timeout({ timeoutMs: 30_000 }),
)
expectTypeOf(policy.execute(async () => answer)).resolves.toEqualTypeOf<{ text: string }>()
expectTypeOf(policy.execute(() => 1)).resolves.toEqualTypeOf<number>()
expectTypeOf(policy).toExtend<Policy>()
expectTypeOf(
  policy.execute((signal) => fetch('http://localhost', { signal })),
).resolves.toEqualTypeOf<Response>()

const cached = compose(
  fallback(() => 'cached' as const),
  policy,
)
expectTypeOf(cached.execute(() => 1)).resolves.toEqualTypeOf<number | 'cached'>()
expectTypeOf(cached).not.toExtend<Policy>()

const nested = compose(fallback([() => null, async () => false as const]), cached)
expectTypeOf(nested.execute(() => 1)).resolves.toEqualTypeOf<number | 'cached' | null | false>()

// @ts-expect-error what has no execute is no policy
compose({ run: () => 1 })
