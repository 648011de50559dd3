import type { Finding } from '../../demo/check-bill.ts'
import { type Allowance, type Curve, evennessOf, flatnessOf } from './flatness.ts'
import type { TimedSample } from './long-run.ts'

/** By panel: by how much its curves may end above where they were. Times are told alone: they are the machine's too. */
const ALLOWANCES: Readonly<Record<string, Allowance>> = {
  'memory, MiB': { extra: 16 },
  'file handles': { extra: 8 },
  // As many as its connections at that moment have read tables.
  'file handles of PostgreSQL': { share: 0.25, extra: 200 },
  connections: { extra: 8 },
  waiting: { extra: 8 },
}
/** Curves of what is kept of each task, which must grow no faster in the end. */
const KEPT = 'disk, MiB'
const MOST_UNEVEN = 1.25

/** The panels of a run, each with its curves by name, in the order in which they were seen. */
export function curvesOf(samples: readonly TimedSample[]): ReadonlyMap<string, ReadonlyMap<string, Curve>> {
  const panels = new Map<string, Set<string>>()
  for (const { sample } of samples) {
    for (const [panel, curves] of Object.entries(sample)) {
      const names = panels.get(panel) ?? new Set()
      for (const name of Object.keys(curves)) names.add(name)
      panels.set(panel, names)
    }
  }
  return new Map(
    [...panels].map(([panel, names]) => [
      panel,
      new Map([...names].map((name) => [name, samples.map(({ sample }) => sample[panel]?.[name])])),
    ]),
  )
}

/** Tells of each curve where it was and where it ended, and which of them grew though they must not. */
export function judgeSamples(samples: readonly TimedSample[]): Finding {
  const figures: Record<string, string> = {}
  const problems: string[] = []
  for (const [panel, curves] of curvesOf(samples)) {
    const allowance = ALLOWANCES[panel]
    for (const [name, curve] of curves) {
      const title = `${panel}: ${name}`
      const flatness = flatnessOf(curve, allowance ?? { extra: 0 })
      if (flatness === undefined) {
        problems.push(`${title} was not seen often enough`)
        continue
      }
      const { early, late, isFlat } = flatness
      const evenness = panel === KEPT ? evennessOf(curve) : undefined
      figures[title] =
        evenness === undefined
          ? `${shown(early)} early, ${shown(late)} late`
          : `${shown(late)} late; its second half grew ${shown(evenness)}× as much as its first`
      if (allowance !== undefined && !isFlat)
        problems.push(`${title} grew from ${shown(early)} to ${shown(late)}`)
      if (evenness !== undefined && evenness > MOST_UNEVEN) problems.push(`${title} grows faster and faster`)
    }
  }
  return { figures, problems }
}

/** A figure with three digits, or all before the point. */
function shown(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
