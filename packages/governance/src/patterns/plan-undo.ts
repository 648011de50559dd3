import type { AppliedUpdate } from './pattern-update.ts'

/** How a harmful update may be undone. */
export type UndoPlan =
  | {
      /** The version that it was based on may be put in force: all that was applied since was learnt too. */
      readonly kind: 'roll-back'
      readonly toVersion: number
      /** The updates that are undone with it, itself among them. */
      readonly updateIds: readonly string[]
    }
  /** A version that somebody else made stands on top of it, or it cannot be told what does. */
  | { readonly kind: 'needs-person' }

/**
 * Decides how to undo `harmful` while `inForce` is in force, among all `applied` updates of its role: never by throwing
 * away what a person made.
 */
export function planUndo(
  inForce: number,
  harmful: AppliedUpdate,
  applied: readonly AppliedUpdate[],
): UndoPlan {
  const updateIds: string[] = []
  for (let version = inForce; updateIds.length <= applied.length; ) {
    if (version === harmful.version) {
      return {
        kind: 'roll-back',
        toVersion: harmful.baseVersion,
        updateIds: [...updateIds, harmful.updateId],
      }
    }
    const top = applied.find((update) => update.version === version && !updateIds.includes(update.updateId))
    if (top === undefined) break
    updateIds.push(top.updateId)
    version = top.baseVersion
  }
  return { kind: 'needs-person' }
}

/**
 * The applied updates that somebody else has undone: those whose base is in force again, and those that were built on one
 * of them.
 */
export function undoneByOthers(inForce: number, applied: readonly AppliedUpdate[]): AppliedUpdate[] {
  const undone = new Set<AppliedUpdate>()
  const gone = new Set([inForce])
  for (let before = -1; before < undone.size; ) {
    before = undone.size
    for (const update of applied) {
      if (update.version === inForce || !gone.has(update.baseVersion)) continue
      undone.add(update)
      gone.add(update.version)
    }
  }
  return [...undone]
}
