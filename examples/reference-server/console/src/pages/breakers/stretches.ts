import type { paths } from '../../api/schema.d.ts'

/** What a breaker became. */
export type BreakerChange =
  paths['/api/v1/circuit-breakers/{name}/history']['get']['responses'][200]['content']['application/json']['changes'][number]

/** A time during which a breaker was the same, in milliseconds since 1970. */
export interface Stretch {
  readonly state: string
  readonly from: number
  readonly until: number
}

/** What the changes, the newest first, make of a time whose last state is known. */
export function stretchesOf(
  changes: readonly BreakerChange[],
  { from, until, state }: Stretch,
): readonly Stretch[] {
  const stretches: Stretch[] = []
  let end = until
  for (const change of changes) {
    const at = Date.parse(change.at)
    const begin = Math.max(at, from)
    if (begin < end) stretches.unshift({ state: change.state, from: begin, until: end })
    end = Math.min(end, begin)
    if (at <= from) return stretches
  }
  // Before the first change that is known it was closed; without any it is as it was.
  const first = changes.length === 0 ? state : 'closed'
  if (from < end) stretches.unshift({ state: first, from, until: end })
  return stretches
}
