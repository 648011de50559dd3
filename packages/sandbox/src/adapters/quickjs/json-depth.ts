const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/** How deep arrays and objects nest in a valid JSON text: 0 for a plain value, 1 for `[]`. Needs no stack. */
export function jsonDepth(json: string): number {
  let depth = 0
  let deepest = 0
  let isInString = false
  for (let index = 0; index < json.length; index++) {
    const unit = json.charCodeAt(index)
    if (isInString) {
      if (unit === BACKSLASH) index++
      else if (unit === QUOTE) isInString = false
    } else if (unit === QUOTE) {
      isInString = true
    } else if (OPENING.has(unit)) {
      depth++
      deepest = Math.max(deepest, depth)
    } else if (CLOSING.has(unit)) {
      depth--
    }
  }
  return deepest
}
