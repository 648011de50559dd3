import type { FastifyRequest } from 'fastify'
import { HttpError } from '../http-error.ts'
import type { EdgeLimits } from './edge-limits.ts'

/** Headers that two readers may take differently when they come twice: which of them counts is no matter of taste. */
const SINGLE_HEADERS = new Set(['host', 'authorization', 'content-type', 'content-length', 'origin'])
/** A name or an address, with or without a port. */
const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i
const TOKEN_PARAMETER = /[?&;](access_token|id_token|refresh_token|token|jwt|bearer|authorization)=/i
const TOKEN_SHAPE = /[?&;=]eyJ[\w-]*(\.|%2e)[\w-]+(\.|%2e)[\w-]*/i

/**
 * Refuses what no route wants, before anything else looks at a request.
 * @throws HttpError 400 without one host, with a coding of the transfer other than chunks, with a header twice that may come once, with a token in the URL; 414 for a URL
 * that is too long; 415 for a body that is encoded.
 */
export function requirePlainRequest(request: FastifyRequest, limits: Pick<EdgeLimits, 'maxUrlLength'>): void {
  const { headers } = request
  const { rawHeaders, url = '', httpVersion } = request.raw
  if (url.length > limits.maxUrlLength) {
    throw new HttpError(414, 'URL_TOO_LONG', `the URL is longer than ${limits.maxUrlLength} characters`)
  }
  // Names and values in turn, each name as often as it came: as many as there are names where none came twice.
  if (rawHeaders.length !== Object.keys(headers).length * 2) requireSingleHeaders(rawHeaders)
  const { host, 'transfer-encoding': transferEncoding } = headers
  if (host === undefined && httpVersion !== '1.0') {
    throw new HttpError(400, 'HOST_MISSING', 'the header host is needed')
  }
  if (host !== undefined && !HOST.test(host)) {
    throw new HttpError(400, 'HOST_MALFORMED', 'the header host is no name or address')
  }
  // Node would read the chunks and leave what is in them encoded.
  if (transferEncoding !== undefined && transferEncoding.trim().toLowerCase() !== 'chunked') {
    throw new HttpError(400, 'TRANSFER_ENCODING_UNSUPPORTED', 'of transfer codings, chunked is known alone')
  }
  // A URL stands in logs, histories and referrers.
  if (TOKEN_PARAMETER.test(url) || TOKEN_SHAPE.test(url)) {
    throw new HttpError(400, 'TOKEN_IN_URL', 'a token belongs in the header authorization, never in the URL')
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HttpError(415, 'MEDIA_TYPE_UNSUPPORTED', 'the body may not be compressed')
  }
}

function requireSingleHeaders(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (seen.has(name) && SINGLE_HEADERS.has(name)) {
      throw new HttpError(400, 'HEADER_REPEATED', `the header ${name} may come once`)
    }
    seen.add(name)
  }
}
