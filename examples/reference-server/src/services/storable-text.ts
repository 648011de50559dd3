/** Whether PostgreSQL can keep the text in JSON: it takes neither NUL nor half a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000')
}

/** The text as PostgreSQL can keep it in JSON, cut to `maxCharacters`: what it does not take becomes U+FFFD. */
export function toStorable(text: string, maxCharacters: number): string {
  return text.slice(0, maxCharacters).toWellFormed().replaceAll('\u0000', '\ufffd')
}

/** Whether every text in a JSON value, keys included, is {@link isStorable storable}. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorableJson(inner))
}
