import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a provider was asked. */
export interface ProviderCall {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** Answers one call; the next answer is the next call's. */
export type ProviderAnswer = (response: ServerResponse, call: ProviderCall) => void | Promise<void>

/** A provider on loopback that answers as it is told, call by call. */
export class ScriptedProvider {
  readonly calls: ProviderCall[] = []
  readonly #answers: ProviderAnswer[] = []
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  /** Listens. */
  static async start(): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider()
    provider.#server.listen(0, '127.0.0.1')
    await once(provider.#server, 'listening')
    return provider
  }

  /** Where it is. */
  get url(): string {
    // A server that listens on a port has an address with one.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Says how the next calls are answered, one after another. */
  answer(...answers: readonly ProviderAnswer[]): void {
    this.#answers.push(...answers)
  }

  /** Answers nobody any more. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const call = {
      path: request.url ?? '',
      headers: request.headers,
      body: text.startsWith('{') ? JSON.parse(text) : text,
    }
    this.calls.push(call)
    const answer = this.#answers.shift()
    if (answer === undefined) response.writeHead(500).end('nothing was scripted')
    else await answer(response, call)
  }
}

/** One value of JSON. */
export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): ProviderAnswer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }
}

/** A stream of events to its end; an object is written as JSON. */
export function events(...all: readonly unknown[]): ProviderAnswer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of all) response.write(eventText(event))
    response.end()
  }
}

/** A stream of events whose connection breaks after the last of them. */
export function cutEvents(...all: readonly unknown[]): ProviderAnswer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of all) response.write(eventText(event))
    // What was written leaves before the connection breaks.
    response.write('', () => setImmediate(() => response.destroy()))
  }
}

function eventText(event: unknown): string {
  if (typeof event === 'string') return `data: ${event}\n\n`
  const name =
    typeof event === 'object' && event !== null && 'type' in event ? `event: ${String(event.type)}\n` : ''
  return `${name}data: ${JSON.stringify(event)}\n\n`
}
