import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { failureBody } from '../http-error.ts'
import type { HttpFailure } from '../http-failure.ts'

/** The headers of an answer that is made where no hook runs. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  connection: 'close',
}

/** What Node's HTTP parser refuses, as the API answers it. */
export function parserFailure(code: string | undefined): HttpFailure {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, errorCode: 'REQUEST_TIMEOUT', message: 'the request did not arrive in time' }
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, errorCode: 'HEADERS_TOO_LARGE', message: 'the headers are too large' }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, errorCode: 'BODY_TOO_LARGE', message: 'the extensions of a chunk are too large' }
    default:
      return { status: 400, errorCode: 'REQUEST_MALFORMED', message: 'this is no HTTP request' }
  }
}

/** Answers a request that no route will see, and closes its connection. */
export function answerRaw(response: ServerResponse<IncomingMessage>, failure: HttpFailure): void {
  const { headers, body } = rawAnswer(failure)
  response.writeHead(failure.status, headers).end(body)
}

/** Connections that were refused: what still arrives on them is read and forgotten. */
const refused = new WeakSet<Duplex>()
/** How long a refused client may take to read its answer: closing at once could cut it off. */
const LINGER_MS = 2000

/** Whether {@link answerSocket} refused the connection: what still arrives on it changes nothing. */
export function isRefused(socket: Duplex): boolean {
  return refused.has(socket)
}

/** Writes an answer to a connection on which no request could be read, and closes it. */
export function answerSocket(socket: Duplex, failure: HttpFailure): void {
  if (socket.destroyed || refused.has(socket)) return
  if (!socket.writable) {
    socket.destroy()
    return
  }
  refused.add(socket)
  const { headers, body } = rawAnswer(failure)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}\r\n${lines.join('')}\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

function rawAnswer(failure: HttpFailure): { headers: Readonly<Record<string, string>>; body: string } {
  const requestId = randomUUID()
  const body = JSON.stringify(failureBody(failure, requestId))
  const length = String(Buffer.byteLength(body))
  return { headers: { ...HEADERS, 'content-length': length, 'x-request-id': requestId }, body }
}
