import { useState } from 'react'
import type { DeadLetterGroupView } from '../../api/views.ts'

/** The groups, and after them those that were there since the page was opened and have nothing unsettled any more. */
export function useSeenGroups(groups: readonly DeadLetterGroupView[]): readonly DeadLetterGroupView[] {
  const [seen, setSeen] = useState<ReadonlyMap<string, DeadLetterGroupView>>(new Map())
  if (groups.some((group) => !seen.has(group.fingerprint))) {
    setSeen(new Map([...seen, ...groups.map((group) => [group.fingerprint, group] as const)]))
  }
  const present = new Set(groups.map(({ fingerprint }) => fingerprint))
  const gone = [...seen.values()].filter(({ fingerprint }) => !present.has(fingerprint))
  return [...groups, ...gone.map((group) => ({ ...group, unresolved: 0 }))]
}
