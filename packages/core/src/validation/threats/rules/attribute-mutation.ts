import { attributeUrl } from './attribute-url.ts'

/** Elements whose content is text in HTML and markup within SVG and MathML. */
const TEXT_ELEMENTS = ['style', 'title', 'textarea', 'noscript', 'xmp', 'noembed', 'noframes', 'iframe']
const PAIRS = [['<!--', '-->'], ...TEXT_ELEMENTS.map((name) => [`<${name}`, `</${name}>`])] as const

/**
 * Whether a value, its entities decoded, ends a comment or a text element that it did not begin, and opens a tag next.
 * A cleaner that takes the value for a value lets it pass; a browser that takes it for markup runs it.
 */
export function endsWhatIsAround(value: string): boolean {
  const text = attributeUrl(value)
  return PAIRS.some(([begin = '', end = '']) => {
    const at = text.indexOf(end)
    return at !== -1 && /^<[a-z!/]/.test(text.slice(at + end.length)) && !text.slice(0, at).includes(begin)
  })
}
