import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { silentLogger, silentMetrics } from './silent.ts'

/** So that many objects that were given one logger share one of ours. */
const QUIET = new WeakMap<Logger, Logger>()

/**
 * The logger, but one that never throws: a log that cannot take a line has no say in what the line tells of. Without a
 * logger it is silent.
 */
export function quietLogger(logger: Logger = silentLogger): Logger {
  const known = QUIET.get(logger)
  if (known !== undefined) return known
  const quiet: Logger = Object.freeze({
    debug: (fields: object, message: string) => quietly(() => logger.debug(fields, message)),
    info: (fields: object, message: string) => quietly(() => logger.info(fields, message)),
    warn: (fields: object, message: string) => quietly(() => logger.warn(fields, message)),
    error: (fields: object, message: string) => quietly(() => logger.error(fields, message)),
  })
  QUIET.set(logger, quiet)
  QUIET.set(quiet, quiet)
  return quiet
}

/** The counters and gauges of `metrics`, which never throw. Asking for one throws as it does. */
export function quietMetrics(metrics: Metrics = silentMetrics): Pick<Metrics, 'counter' | 'gauge'> {
  return {
    counter: (definition) => {
      const counter = metrics.counter(definition)
      return { increment: (...given) => quietly(() => counter.increment(...given)) }
    },
    gauge: (definition) => {
      const gauge = metrics.gauge(definition)
      return { set: (...given) => quietly(() => gauge.set(...given)) }
    },
  }
}

function quietly(tell: () => void): void {
  try {
    tell()
  } catch {
    // There is nobody left to tell.
  }
}
