const MAX_SEARCHED_LENGTH = 2048

/**
 * Whether a text looks like strict JSON at first sight. A look is cheaper than to have JSON.parse throw, which costs as
 * much as to read a thousand characters; so short texts are searched for trailing commas too.
 */
export function mayBeJson(text: string): boolean {
  const start = skipBlanks(text, 0)
  const first = text.charCodeAt(start)
  if (first !== 0x7b && first !== 0x5b) {
    return (
      first === 0x22 || first === 0x2d || (first >= 0x30 && first <= 0x39) || /[tfn]/.test(text.charAt(start))
    )
  }
  const end = skipBlanksBack(text, text.length - 1)
  if (text.charCodeAt(end) !== first + 2) return false
  if (text.charCodeAt(skipBlanksBack(text, end - 1)) === 0x2c) return false
  if (!beginsObject(text, start)) return false
  return text.length > MAX_SEARCHED_LENGTH || !hasTrailingComma(text)
}

/** Whether the first object of a text, at the root or as first element, begins with a key in double quotes or is empty. */
function beginsObject(text: string, start: number): boolean {
  const isObject = text.charCodeAt(start) === 0x7b
  const next = skipBlanks(text, start + 1)
  const inner = text.charCodeAt(next)
  if (!isObject)
    return inner === 0x7b ? beginsObject(text, next) : inner !== 0x27 && inner !== 0x2f && inner !== 0x23
  return inner === 0x22 || inner === 0x7d
}

/** Looks from the closing brackets back, since a text has fewer of them than commas. */
function hasTrailingComma(text: string): boolean {
  return hasCommaBefore(text, '}') || hasCommaBefore(text, ']')
}

function hasCommaBefore(text: string, closing: string): boolean {
  for (let at = text.indexOf(closing); at !== -1; at = text.indexOf(closing, at + 1)) {
    if (text.charCodeAt(skipBlanksBack(text, at - 1)) === 0x2c) return true
  }
  return false
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at++
  return at
}

function skipBlanksBack(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at--
  return at
}
