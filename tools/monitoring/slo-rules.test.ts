import { expect, it } from 'vitest'
import { SERVICE_LEVELS } from './service-level.ts'
import { sloRules } from './slo-rules.ts'

const alerts = sloRules(SERVICE_LEVELS)
  .groups.flatMap(({ rules }) => rules)
  .filter((rule) => 'alert' in rule)

/** By how much errors may exceed their budget, over which two windows, as the alerts of one promise must say. */
const PAIRS = [
  ['page', 14.4, '1h', '5m'],
  ['page', 6, '6h', '30m'],
  ['ticket', 3, '1d', '2h'],
  ['ticket', 1, '3d', '6h'],
] as const

it.each(SERVICE_LEVELS.flatMap((level) => PAIRS.map((pair) => [level.name, ...pair, level] as const)))(
  '%s: a %s at %d times its budget over %s and %s',
  (name, severity, factor, long, short, level) => {
    const rule = alerts.find(({ labels }) => labels.slo === name && labels.severity === severity)
    const pairs = (rule?.expr ?? '').split('\nor\n')
    expect(pairs).toHaveLength(2)
    const pair = pairs.find((text) => text.includes(`slo:error_ratio:${long}{`))
    const limits = [...(pair ?? '').matchAll(/slo:error_ratio:(\w+)\{slo="([\w-]+)"\} > ([\d.]+)/g)]
    expect(limits.map(([, window, slo]) => [window, slo])).toEqual([
      [long, name],
      [short, name],
    ])
    for (const [, , , limit] of limits) expect(Number(limit)).toBeCloseTo(factor * (1 - level.objective), 6)
    const least = severity === 'page' ? level.minPageEvents : level.minTicketEvents
    expect(pair).toContain(`and slo:events:increase${long}{slo="${name}"} >= ${least}\n`)
  },
)

it('a single failure among the fewest events that count is no burn', () => {
  for (const { minTicketEvents, objective, name } of SERVICE_LEVELS) {
    if (name === 'uptime') continue
    expect(1 / minTicketEvents, name).toBeLessThan(1 - objective)
  }
})
