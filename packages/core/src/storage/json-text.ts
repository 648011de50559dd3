/** An escape in JSON text. Of what PostgreSQL refuses JSON.stringify writes no other form. */
const ESCAPE = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g
const REFUSED = /\\u0000|\\ud[89a-f]/

/**
 * A value as JSON text that PostgreSQL takes as `jsonb`: NUL, and half a surrogate pair such as a cut through a text
 * leaves, become U+FFFD, in keys as well. What a model or a tool wrote is then kept, where the whole write would fail.
 */
export function jsonText(value: object): string {
  const text = JSON.stringify(value)
  if (!REFUSED.test(text)) return text
  // Read escape by escape, so that the second backslash of a pair begins none.
  return text.replace(ESCAPE, (one) => (one.length > 2 ? '\\ufffd' : one))
}
