/** An attribute of a tag, its value as written between its quotes. */
export interface HtmlAttribute {
  readonly name: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** An opening or closing tag as a lenient browser would read it. */
export interface HtmlTag {
  /** Lower case; a closing tag begins with a slash. */
  readonly name: string
  readonly attributes: readonly HtmlAttribute[]
  readonly start: number
  readonly end: number
}

const NAME = /\/?[a-zA-Z][^\s/>]{0,63}/y
const BLANK = /[\s/]*/y
const ATTRIBUTE = /[^\s=>/"'][^\s=>/]{0,63}/y
const EQUALS = /\s{0,64}=\s{0,64}/y
const BARE_VALUE = /[^\s>]{0,4096}/y
const SHOWN_OF_OPEN_VALUE = 200

/**
 * The tags of `text`, those that stand in attribute values included (a browser may see them when the parts around are
 * read otherwise). A tag that is not closed counts: what follows the text may close it. Linear.
 */
export function htmlTags(text: string): readonly HtmlTag[] {
  const tags: HtmlTag[] = []
  collect(text, 0, tags, true)
  return tags
}

function collect(text: string, offset: number, tags: HtmlTag[], isOutermost: boolean): void {
  // Once a quote is not found further on, it never will be: without this, many open quotes cost the square.
  const missing = new Set<string>()
  let at = text.indexOf('<')
  while (at !== -1) {
    const name = take(NAME, text, at + 1)
    if (name === '') {
      at = text.indexOf('<', at + 1)
      continue
    }
    const attributes: HtmlAttribute[] = []
    const end = readAttributes(text, at + 1 + name.length, attributes, missing)
    tags.push({
      name: name.toLowerCase(),
      attributes: attributes.map((one) => ({ ...one, start: one.start + offset, end: one.end + offset })),
      start: at + offset,
      end: end + offset,
    })
    if (isOutermost) {
      for (const one of attributes) {
        if (one.value.includes('<')) collect(one.value, one.end - one.value.length + offset, tags, false)
      }
    }
    at = text.indexOf('<', end)
  }
}

function readAttributes(text: string, from: number, found: HtmlAttribute[], missing: Set<string>): number {
  let at = from
  for (;;) {
    at += take(BLANK, text, at).length
    const next = text[at]
    if (next === undefined) return at
    if (next === '>') return at + 1
    const name = take(ATTRIBUTE, text, at)
    if (name === '') {
      if (next === '<') return at
      at++
      continue
    }
    const start = at
    at += name.length
    const equals = take(EQUALS, text, at)
    if (equals === '') {
      if (name.startsWith('<')) return start
      found.push({ name: name.toLowerCase(), value: '', start, end: at })
      continue
    }
    at += equals.length
    const quote = text[at]
    if (quote !== '"' && quote !== "'") {
      const value = take(BARE_VALUE, text, at)
      at += value.length
      found.push({ name: name.toLowerCase(), value, start, end: at })
      continue
    }
    const close = missing.has(quote) ? -1 : text.indexOf(quote, at + 1)
    if (close === -1) {
      missing.add(quote)
      const value = text.slice(at + 1, at + 1 + SHOWN_OF_OPEN_VALUE)
      found.push({ name: name.toLowerCase(), value, start, end: at + 1 + value.length })
      return at + 1
    }
    found.push({ name: name.toLowerCase(), value: text.slice(at + 1, close), start, end: close })
    at = close + 1
  }
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
