import type { MetricUnit } from './metrics.ts'

/** Gauges that are 0, 1 or 2, and no number of things. */
const STATES: ReadonlySet<string> = new Set([
  'circuit_breaker_state',
  'circuit_breaker_shared_up',
  'limiter_degraded',
])

/** The unit that a name of the catalogue ends in. */
export function unitOfName(name: string): MetricUnit {
  if (STATES.has(name)) return 'state'
  const end = name.replace(/_total$/, '')
  if (end.endsWith('_seconds')) return 'seconds'
  if (end.endsWith('_micros')) return 'micros'
  return end.endsWith('_tokens') ? 'tokens' : 'things'
}
