import { isGoldenError } from '@golden-arch/core/errors'
import { CircuitBreaker } from '@golden-arch/core/resilience'
import type { DemoStep } from './demo-step.ts'

/** A service that is down is left alone. */
export const showBreaker: DemoStep = {
  title: 'a service that is down is left alone',
  async run() {
    const breaker = new CircuitBreaker('model')
    let calls = 0
    let rejected = 0
    for (let number = 0; number < 8; number++) {
      await breaker
        .execute(async () => {
          calls++
          throw new Error('503')
        })
        .catch((error: unknown) => {
          if (isGoldenError(error, 'CIRCUIT_OPEN')) rejected++
        })
    }
    return {
      isAsPromised: calls === 5 && rejected === 3,
      lines: [`of 8 calls to a service that fails, ${calls} reached it; ${rejected} were refused at once`],
    }
  },
}
