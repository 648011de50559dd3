const MAX_READ_LENGTH = 2000

/** Applied in this order; none of the marks put in is matched by a later rule. */
const VARIABLE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/"(?:[^"\\]|\\.)*"|`[^`]*`|(?<![\p{L}\p{N}])'[^']*'/gu, '<text>'],
  [/[a-z][a-z0-9+.-]*:\/\/\S+/gi, '<url>'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?)?/gi, '<time>'],
  // A word of letters and digits mixed, such as a hash, a ULID or task-17, names one case.
  [/(?<![\p{L}\p{N}_<])(?=[\p{L}\p{N}_.:/-]*\p{N})[\p{L}\p{N}_.:/-]+/gu, '<id>'],
]

/**
 * The failure's message without what differs from case to case: quoted texts, addresses, instants, ids and numbers
 * become marks, white space one blank. At most the first 2000 characters count.
 */
export function normalizeFailure(error: string): string {
  let text = error.slice(0, MAX_READ_LENGTH).toLowerCase()
  for (const [pattern, mark] of VARIABLE_PARTS) text = text.replace(pattern, mark)
  return text.replace(/\s+/g, ' ').trim()
}
