import type { StandardSchemaIssue, StandardSchemaResult } from '../standard-schema.ts'
import type { Alternative } from './alternatives.ts'
import type { Coercion, CoercionRules } from './coercion.ts'
import { applyEdits, type Path } from './edit.ts'
import { readComplaint } from './schema-complaint.ts'
import { type Site, type SiteState, SiteStates, sitesOf } from './site.ts'

/** What converting gives: a value that fits, two that fit equally well, or none. */
export type CoercedValue<Value> =
  | { readonly kind: 'fits'; readonly value: Value; readonly coercions: readonly Coercion[] }
  | { readonly kind: 'ambiguous'; readonly path: Path }
  | { readonly kind: 'unfit' }

/** What is tried of one value before it counts as unfit: the schema is asked 200 times at most. */
const MAX_CHECKS = 200
const MAX_COERCIONS = 1000

/**
 * Converts a JSON value until a schema takes it. The schema's issues say where; the value there says what it could mean
 * ({@link conversionsOf}); asking the schema again says which of it fits. So no schema need be understood, and no
 * conversion is made that the schema does not ask for. Of several that fit, the fewest conversions; a tie is ambiguous.
 * Of a union whose library settles on one branch by itself, as discriminated ones do, only that branch is seen.
 */
export function coerceValue<Value>(
  check: (json: unknown) => StandardSchemaResult<Value>,
  json: unknown,
  issues: readonly StandardSchemaIssue[],
  rules: CoercionRules,
): CoercedValue<Value> {
  let value = json
  let left = issues
  let checks = 0
  const coercions: Coercion[] = []
  for (;;) {
    const sites = sitesOf(value, readAll(left), rules)
    if (sites === undefined || sites.length === 0) return { kind: 'unfit' }
    const trials = Math.max(...sites.map((site) => site.alternatives.length))
    checks += trials + 1
    if (checks > MAX_CHECKS) return { kind: 'unfit' }
    const chosen: Alternative[] = []
    for (const choice of choices(sites, trials, value, check)) {
      if (choice.kind !== 'chosen') return choice
      chosen.push(choice.alternative)
    }
    value = applyEdits(
      value,
      chosen.flatMap((one) => one.edits),
    )
    coercions.push(...chosen.flatMap((one) => one.coercions))
    if (coercions.length > MAX_COERCIONS) return { kind: 'unfit' }
    const result = check(value)
    if (result.issues === undefined) return { kind: 'fits', value: result.value, coercions }
    left = result.issues
  }
}

type Choice =
  | { readonly kind: 'chosen'; readonly alternative: Alternative }
  | { readonly kind: 'ambiguous'; readonly path: Path }
  | { readonly kind: 'unfit' }

/** Tries the first alternative of every place at once, then the second, and so on, and chooses for each place. */
function choices(
  sites: readonly Site[],
  trials: number,
  value: unknown,
  check: (json: unknown) => StandardSchemaResult<unknown>,
): readonly Choice[] {
  const states: (readonly SiteState[])[] = []
  for (let trial = 0; trial < trials; trial++) {
    const edits = sites.flatMap((site) => site.alternatives[trial]?.edits ?? [])
    const result = check(applyEdits(value, edits))
    const after = new SiteStates(readAll(result.issues ?? []))
    states.push(sites.map((site) => after.of(site.path)))
  }
  return sites.map((site, index) =>
    choose(
      site,
      states.map((trial) => trial[index] ?? 'wrong'),
    ),
  )
}

function choose(site: Site, states: readonly SiteState[]): Choice {
  for (const wanted of ['mended', 'nearer'] as const) {
    const fitting = site.alternatives.filter((_one, trial) => states[trial] === wanted)
    const fewest = Math.min(...fitting.map((one) => one.edits.length))
    const [best, rival] = fitting.filter((one) => one.edits.length === fewest)
    if (rival !== undefined) return { kind: 'ambiguous', path: site.path }
    if (best !== undefined) return { kind: 'chosen', alternative: best }
  }
  return { kind: 'unfit' }
}

function readAll(issues: readonly StandardSchemaIssue[]): ReturnType<typeof readComplaint>[] {
  return issues.map((issue) => readComplaint(issue))
}
