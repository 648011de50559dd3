import type { Actor } from '@golden-arch/core/audit'
import type { PromptChangeKind } from './decide-learning.ts'

/** A change of a role's prompt that was applied, as a step back looks at it. */
export interface AppliedStep {
  readonly kind: PromptChangeKind
  /** What it replaced; null for a role's first prompt. */
  readonly baseVersion: number | null
  readonly targetVersion: number
  /** Of which kind is who proposed it, or did it. */
  readonly proposedByKind: Actor['kind']
}

/** What a rollback that no person asks for would do. */
export interface StepBack {
  readonly inForce: number | null
  readonly toVersion: number
  /** No person: people may go back to any version. */
  readonly actor: Actor
}

/** A version that stands, and whether a person put it there. */
interface Standing {
  readonly version: number
  readonly isOfPerson: boolean
}

/**
 * Decides whether somebody who is no person may take back what is in force, by all `steps` of the role in their order:
 * a service only to what the version in force was built on, so that what a rollback took out of force stays out; an agent,
 * besides, only where no person put in force what would be left.
 * @returns why a person must do it; undefined where it may be done.
 */
export function whyNotStepBack(
  steps: readonly AppliedStep[],
  { inForce, toVersion, actor }: StepBack,
): string | undefined {
  const standing = standingAfter(steps)
  // Where the version in force was put there by hand, nobody knows what it was built on.
  const to = standing.at(-1)?.version === inForce ? lastIndexOf(standing, toVersion) : -1
  if (to === -1) {
    return `the version in force was not built on version ${toVersion}: a person must bring it back, not the ${actor.kind} ${actor.id}`
  }
  const kept = standing.slice(to + 1).findLast(({ isOfPerson }) => isOfPerson)
  if (actor.kind === 'service' || kept === undefined) return undefined
  return `a person put version ${kept.version} in force: a person or a service must take it back, not the agent ${actor.id}`
}

/** The versions that stand on each other, the one in force last. A rollback takes off what stood on the version it goes to. */
function standingAfter(steps: readonly AppliedStep[]): readonly Standing[] {
  let standing: Standing[] = []
  for (const { kind, baseVersion, targetVersion, proposedByKind } of steps) {
    // Put there by hand in between: what was before is not known.
    if (baseVersion !== null && standing.at(-1)?.version !== baseVersion) {
      standing = [{ version: baseVersion, isOfPerson: true }]
    }
    const former = kind === 'rollback' ? lastIndexOf(standing, targetVersion) : -1
    if (former === -1) standing.push({ version: targetVersion, isOfPerson: proposedByKind === 'human' })
    else standing.length = former + 1
  }
  return standing
}

function lastIndexOf(standing: readonly Standing[], version: number): number {
  return standing.findLastIndex((one) => one.version === version)
}
