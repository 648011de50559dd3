/** A text as rules see it, with a memory for what several rules need of it. */
export interface ThreatText {
  readonly text: string
  /** What `compute` gives for this text, computed once for each function. */
  readonly memo: <T>(compute: (text: string) => T) => T
}

/** `text` with an empty memory. */
export function threatText(text: string): ThreatText {
  const known = new Map<unknown, unknown>()
  return {
    text,
    memo: <T>(compute: (text: string) => T): T => {
      if (!known.has(compute)) known.set(compute, compute(text))
      // Safe: the value under a function is always what that function returned.
      return known.get(compute) as T
    },
  }
}
