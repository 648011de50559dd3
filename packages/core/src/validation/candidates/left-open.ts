const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '“': '”', '‘': '’' }
const STEP = /\\.|["'`“”‘’{}[\]]/gs
/** What stands before a string in JSON, and in what is nearly JSON. */
const BEFORE_STRING = /[{[,:=(]\s*$/
const MAX_BLANKS = 80

/** What a text leaves open at its end, as far as that can be told of text that is no JSON. */
export interface LeftOpen {
  /** Whether a string that began within brackets has not ended. */
  readonly isInString: boolean
  /** Whether a bracket has not been closed, be it within a string. One too many that closes counts for nothing. */
  readonly isInBracket: boolean
  /** Whether the last double quotation mark has no partner. */
  readonly hasOddQuote: boolean
}

/** What `text`, which begins with a bracket, leaves open. Linear. */
export function leftOpen(text: string): LeftOpen {
  let closing: string | undefined
  let open = 0
  let openOutside = 0
  let quotes = 0
  for (const { 0: mark, index } of text.matchAll(STEP)) {
    if (mark.length > 1) continue
    const isOpening = mark === '{' || mark === '['
    if (isOpening || mark === '}' || mark === ']') {
      open = Math.max(0, open + (isOpening ? 1 : -1))
      if (closing === undefined) openOutside = Math.max(0, openOutside + (isOpening ? 1 : -1))
      continue
    }
    if (mark === '"') quotes++
    if (closing !== undefined) {
      // An apostrophe within a word ends no string.
      if (mark === closing && !/[\p{L}\d]/u.test(text.charAt(index + 1))) closing = undefined
    } else if (openOutside > 0 && BEFORE_STRING.test(text.slice(Math.max(0, index - MAX_BLANKS), index))) {
      closing = QUOTES[mark]
    }
  }
  return { isInString: closing !== undefined, isInBracket: open > 0, hasOddQuote: quotes % 2 === 1 }
}
