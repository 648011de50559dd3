import type { Way } from '../service.ts'
import { WAYS } from '../service.ts'

/**
 * The ways that may be tried, from the variable `TESTKIT_WAYS`: names separated by commas. All of them when it is unset.
 * Throws on a name that is no way.
 */
export function allowedWays(variable: string | undefined = process.env.TESTKIT_WAYS): ReadonlySet<Way> {
  if (variable === undefined || variable.trim() === '') return new Set(WAYS)
  const names = variable.split(',').map((name) => name.trim())
  const allowed = WAYS.filter((way) => names.includes(way))
  if (allowed.length !== new Set(names).size) {
    throw new Error(`TESTKIT_WAYS must name some of ${WAYS.join(', ')}; received ${JSON.stringify(variable)}`)
  }
  return new Set(allowed)
}
