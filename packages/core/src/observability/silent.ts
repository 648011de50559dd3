import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** A logger that keeps quiet: the default wherever a logger may be passed. */
export const silentLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
})

/** Metrics that go nowhere: the default wherever metrics may be passed. */
export const silentMetrics: Metrics = Object.freeze({
  counter: () => ({ increment: ignore }),
  gauge: () => ({ set: ignore }),
  histogram: () => ({ observe: ignore }),
})

function ignore(): void {}
