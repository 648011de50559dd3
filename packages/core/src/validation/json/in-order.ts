import type { Fix } from '../fix.ts'

/** The fixes in the order of the text. Most come so: then nothing is sorted. */
export function inOrder(fixes: Fix[]): Fix[] {
  for (let at = 1; at < fixes.length; at++) {
    if ((fixes[at - 1]?.start ?? 0) > (fixes[at]?.start ?? 0)) return fixes.sort((a, b) => a.start - b.start)
  }
  return fixes
}
