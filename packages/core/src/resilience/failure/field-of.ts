/** The named property of a value of any type; undefined where there is none or reading it throws. */
export function fieldOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    // Any object may be asked for any name; what comes back is checked by the caller.
    return (value as Readonly<Record<string, unknown>>)[name]
  } catch {
    return undefined
  }
}
