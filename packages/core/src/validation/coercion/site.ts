import { pathKey } from '../path-key.ts'
import { type Alternative, alternativesOf } from './alternatives.ts'
import type { CoercionRules } from './coercion.ts'
import type { Path } from './edit.ts'
import type { Complaint } from './schema-complaint.ts'

/** A place that a schema complains of, with the ways to mend it. */
export interface Site {
  readonly path: Path
  readonly alternatives: readonly Alternative[]
}

const MAX_SITES = 1000

/**
 * The places to mend: of places within one another the outermost. Undefined where one cannot be mended, or there are
 * more than 1000: then the value does not fit.
 */
export function sitesOf(
  root: unknown,
  complaints: readonly Complaint[],
  rules: CoercionRules,
): readonly Site[] | undefined {
  if (complaints.length > MAX_SITES) return undefined
  const byPlace = new Map<string, Site>()
  const outermostFirst = [...complaints].sort((a, b) => a.path.length - b.path.length)
  for (const complaint of outermostFirst) {
    const { path } = complaint
    if (outerPlaces(path).some((place) => byPlace.has(place))) continue
    const place = pathKey(path)
    const known = byPlace.get(place)
    const alternatives = [...(known?.alternatives ?? []), ...alternativesOf(root, complaint, rules)]
    byPlace.set(place, { path, alternatives })
  }
  const sites = [...byPlace.values()]
  return sites.every((site) => site.alternatives.length > 0) ? sites : undefined
}

/** How a place stands after a change: no complaint of it, only of places within it, or of itself. */
export type SiteState = 'mended' | 'nearer' | 'wrong'

/** Tells how places stand, given all complaints. */
export class SiteStates {
  readonly #itself: Set<string> = new Set<string>()
  readonly #within: Set<string> = new Set<string>()

  constructor(complaints: readonly Complaint[]) {
    for (const { path } of complaints) {
      this.#itself.add(pathKey(path))
      for (const place of outerPlaces(path)) this.#within.add(place)
    }
  }

  of(path: Path): SiteState {
    const place = pathKey(path)
    if (this.#itself.has(place)) return 'wrong'
    return this.#within.has(place) ? 'nearer' : 'mended'
  }
}

function outerPlaces(path: Path): readonly string[] {
  return path.map((_place, length) => pathKey(path.slice(0, length)))
}
