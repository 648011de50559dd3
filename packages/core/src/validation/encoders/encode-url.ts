import { EncodingError } from './encoding-error.ts'

/**
 * `text` as one component of a URL (a query's key or value, a fragment): all but `A-Z a-z 0-9 - _ . ~` percent-encoded
 * (RFC 3986, section 2.3).
 * @throws EncodingError `TEXT_NOT_ENCODABLE` on a lone surrogate.
 */
export function encodeUrlComponent(text: string): string {
  if (!text.isWellFormed())
    throw EncodingError.notEncodable('a URL component', 'text without lone surrogates')
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * `text` as one segment of a URL's path, between two slashes.
 * @throws EncodingError `TEXT_NOT_ENCODABLE` on a lone surrogate, on an empty text, and on `.` and `..`: every URL
 * parser takes these, percent-encoded too, for a step up or no step at all.
 */
export function encodeUrlPathSegment(text: string): string {
  if (text === '' || text === '.' || text === '..') {
    throw EncodingError.notEncodable('a segment of a URL path', 'text other than the empty one, . and ..')
  }
  return encodeUrlComponent(text)
}
