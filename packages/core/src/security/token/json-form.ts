const MAX_DEPTH = 8

/**
 * Whether a text that is JSON nests too deep or names a member of one object twice, in whatever spelling: readers
 * differ in which of the two counts.
 */
export function findJsonFault(text: string): 'too-deep' | 'duplicate-member' | undefined {
  // One set of names for each object that is open; undefined for an array.
  const open: (Set<string> | undefined)[] = []
  let isNameNext = false
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]
    if (unit === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (isNameNext && names !== undefined) {
        const name = nameOf(text, at, end)
        if (names.has(name)) return 'duplicate-member'
        names.add(name)
        isNameNext = false
      }
      at = end
    } else if (unit === '{' || unit === '[') {
      if (open.length === MAX_DEPTH) return 'too-deep'
      open.push(unit === '{' ? new Set() : undefined)
      isNameNext = unit === '{'
    } else if (unit === '}' || unit === ']') {
      open.pop()
      isNameNext = false
    } else if (unit === ',') {
      isNameNext = open.at(-1) !== undefined
    }
  }
  return undefined
}

/** Where the string that begins at `at` ends; the text is known to be JSON, so it does. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  for (;;) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
}

function nameOf(text: string, at: number, end: number): string {
  const inner = text.slice(at + 1, end)
  // What stands between the quotes of JSON with an escape is itself JSON: a string.
  return inner.includes('\\') ? (JSON.parse(text.slice(at, end + 1)) as string) : inner
}
