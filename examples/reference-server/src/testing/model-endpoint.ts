import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A model server on loopback whose answers a test gives. */
export interface TestEndpoint {
  readonly baseUrl: string
  /** The idempotency keys of the calls that arrived, in order. */
  readonly keys: readonly string[]
  stop(): Promise<void>
}

/** Starts a server that answers every call with `answer`. */
export async function startEndpoint(
  answer: (response: ServerResponse, request: IncomingMessage, body: string) => void,
): Promise<TestEndpoint> {
  const keys: string[] = []
  const server = createServer((request, response) => {
    keys.push(String(request.headers['idempotency-key']))
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.once('end', () => answer(response, request, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    keys,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Answers with a completion of this content. */
export function complete(
  response: ServerResponse,
  content: unknown,
  usage: object = { total_tokens: 100 },
): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }], usage }))
}

/** Answers with a stream of server-sent events, which ends as it should, without its last mark, or with the connection. */
export function sendEvents(
  response: ServerResponse,
  chunks: readonly (object | string)[],
  end: 'done' | 'closed' | 'cut' = 'done',
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const events = chunks.map(
    (chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`,
  )
  if (end === 'cut') response.write(events.join(''), () => setImmediate(() => response.destroy()))
  else response.end(`${events.join('')}${end === 'done' ? 'data: [DONE]\n\n' : ''}`)
}
