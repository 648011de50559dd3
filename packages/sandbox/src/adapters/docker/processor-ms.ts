/**
 * Milliseconds of processor that a container has taken, from the engine's figures; undefined where they hold none, or 0, which
 * is what the engine says of a container that does not run.
 */
export function processorMs(stats: unknown): number | undefined {
  const total = member(member(member(stats, 'cpu_stats'), 'cpu_usage'), 'total_usage')
  return typeof total === 'number' && total > 0 ? total / 1e6 : undefined
}

function member(value: unknown, name: string): unknown {
  // Safe: any object may be read by a name.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
