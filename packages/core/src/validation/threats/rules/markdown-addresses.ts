/** An address that a viewer of Markdown loads or offers. */
export interface MarkdownAddress {
  readonly kind: 'image' | 'link' | 'definition'
  readonly address: string
  readonly start: number
  readonly end: number
}

const FOUND =
  /(!?)\[[^[\]\n]{0,300}\]\(\s{0,9}<?([^)\n]{1,2048})|(?:^|\n) {0,3}\[[^\]\n]{1,100}\]:\s{0,9}<?(\S[^\n]{0,2048})|\bsrc\s{0,3}=\s{0,3}["']?([^"'>\n]{1,2048})|\]\(\s{0,9}<?([^)\n]{1,2048})/gi
const TITLE = /\s{1,9}["'(][^\n]{0,2048}$/

/** The addresses of images, links and reference definitions in a Markdown text without its code. */
export function markdownAddresses(text: string): readonly MarkdownAddress[] {
  return [...text.matchAll(FOUND)].map((match) => {
    const [whole, bang, target, definition, source, rest] = match
    const kind =
      source !== undefined || bang === '!' ? 'image' : definition !== undefined ? 'definition' : 'link'
    const address = (target ?? definition ?? source ?? rest ?? '').replace(TITLE, '')
    return { kind, address: address.trim(), start: match.index, end: match.index + whole.length }
  })
}

/** What an address may carry away: `certain` for a place kept for data or for text in base64, `possible` for the rest. */
export function cargoOf(address: string): 'certain' | 'possible' | 'none' {
  const tail = /^(?:https?:)?\/\/[^/?#]{1,255}(.{0,2048})$/is.exec(address)?.[1] ?? ''
  if (/\{\{|\$\{|%7b%7b|%24%7b|\[[A-Z]|<[A-Z]/.test(tail)) return 'certain'
  if (/[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2}/i.test(tail.split('?')[1] ?? '')) return 'certain'
  const pieces = tail.split(/[/?&=#.,;:]/).slice(0, MAX_PIECES)
  if (pieces.some(isEncodedText)) return 'certain'
  const query = tail.split('?')[1] ?? ''
  const isTold = PARAMETER.test(query) || query.split('&').some((one) => one.split(/%20|\+/).length > 3)
  return isTold || pieces.some(isOpaque) ? 'possible' : 'none'
}

const MAX_PIECES = 200
const PARAMETER =
  /(?:^|&)(?:secret|password|passwd|pwd|history|conversation|chat|prompt|context|api_?key|session|cookie|cookies|data|payload|exfil|leak|steal|stolen)=/i

/** Base64 of readable text with blanks. A picture in an address is readable too, as SVG. */
function isEncodedText(piece: string): boolean {
  const bare = piece.replace(/(?:%3d){1,2}$/i, '')
  if (!/^[A-Za-z0-9+_-]{16,2048}$/.test(bare)) return false
  const read = Buffer.from(bare, 'base64url').toString('latin1')
  return /^[\t\n\r\x20-\x7e]{12,}$/.test(read) && /[ :=@]/.test(read) && !/^\s*<(?:\?xml|svg)/.test(read)
}

/** A long run of mixed letters and digits; file names made of a hash are plain hexadecimal and do not count. */
function isOpaque(piece: string): boolean {
  if (piece.length < 24 || /^[0-9a-f-]{1,128}$/i.test(piece)) return false
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(piece)).length
  return kinds === 3 && piece.length >= 32
}
