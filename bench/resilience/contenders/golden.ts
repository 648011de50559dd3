import { CircuitBreaker, compose, failureRate, retry, timeout } from '@golden-arch/core/resilience'
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

/** This package: consecutive failures. */
export const golden: Contender = {
  name: 'golden-arch',
  prepare: (path, windowLength) => {
    const counting = new CircuitBreaker('bench', { failureThreshold: NEVER_TRIPS })
    return prepare(path, windowLength, path === 'failing' ? counting : new CircuitBreaker('bench'))
  },
  makeMany: (count) => Array.from({ length: count }, (_, index) => new CircuitBreaker(`bench-${index}`)),
}

/** This package: a rate over the last seconds. */
export const goldenRate: Contender = {
  name: 'golden-arch, failure rate',
  prepare: (path, windowLength) => {
    const rule = failureRate({ rate: path === 'open' ? 0.5 : 1, window: { durationMs: 10_000 } })
    return prepare(path, windowLength, new CircuitBreaker('bench', { tripRules: [rule] }))
  },
}

async function prepare(path: Path, windowLength: number, breaker: CircuitBreaker): Promise<Prepared> {
  switch (path) {
    case 'closed':
      return { operation: () => breaker.execute(answering) }
    case 'open':
      breaker.forceOpen({ actor: { id: 'bench', kind: 'service' }, reason: 'measured' })
      return { operation: () => breaker.execute(answering).catch(ignore) }
    case 'failing':
      await breaker.execute(answering)
      await failOften(windowLength, () => breaker.execute(failing))
      return { operation: () => breaker.execute(failing).catch(ignore) }
    case 'composed': {
      const policy = compose(retry(), breaker, timeout({ timeoutMs: TIMEOUT_MS }))
      return { operation: () => policy.execute(answering) }
    }
  }
}
