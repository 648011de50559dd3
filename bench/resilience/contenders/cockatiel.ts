import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  type IBreaker,
  retry,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import {
  answering,
  type Contender,
  failing,
  failOften,
  ignore,
  type Path,
  type Prepared,
} from '../contender.ts'

const NEVER_TRIPS = 1_000_000
const TIMEOUT_MS = 30_000
const HALF_OPEN_AFTER_MS = 30_000

/** Its breaker of consecutive failures. */
export const cockatiel: Contender = {
  name: 'cockatiel',
  prepare: (path, windowLength) =>
    prepare(path, windowLength, new ConsecutiveBreaker(path === 'failing' ? NEVER_TRIPS : 5), true),
  makeMany: (count) => Array.from({ length: count }, () => breakerOf(new ConsecutiveBreaker(5))),
}

/** Its breaker of a rate over the last seconds. */
export const cockatielSampling: Contender = {
  name: 'cockatiel, sampling',
  prepare: async (path, windowLength) => {
    if (path === 'composed') return undefined
    const threshold = path === 'failing' ? 0.999_999 : 0.5
    return prepare(path, windowLength, new SamplingBreaker({ threshold, duration: 10_000 }), true)
  },
}

/** Its timeout without the abort that it makes on every return by default. */
export const cockatielLean: Contender = {
  name: 'cockatiel, abortOnReturn: false',
  prepare: async (path, windowLength) =>
    path === 'composed' ? prepare(path, windowLength, new ConsecutiveBreaker(5), false) : undefined,
}

async function prepare(
  path: Path,
  windowLength: number,
  rule: IBreaker,
  abortOnReturn: boolean,
): Promise<Prepared> {
  const breaker = breakerOf(rule)
  switch (path) {
    case 'closed':
      return { operation: () => breaker.execute(answering) }
    case 'open': {
      const { dispose } = breaker.isolate()
      return { operation: () => breaker.execute(answering).catch(ignore), close: dispose }
    }
    case 'failing':
      await breaker.execute(answering)
      await failOften(windowLength, () => breaker.execute(failing))
      return { operation: () => breaker.execute(failing).catch(ignore) }
    case 'composed': {
      const strategy = { strategy: TimeoutStrategy.Aggressive, abortOnReturn }
      const policy = wrap(retry(handleAll, { maxAttempts: 2 }), breaker, timeout(TIMEOUT_MS, strategy))
      return { operation: () => policy.execute(answering) }
    }
  }
}

function breakerOf(breaker: IBreaker): CircuitBreakerPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: HALF_OPEN_AFTER_MS, breaker })
}
