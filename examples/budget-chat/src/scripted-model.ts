import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an answer used, as its provider bills it. */
export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

/** Long enough for the words before a cut to have been read. */
const CUT_AFTER_MS = 500

/** Answers one request. */
export type Answer = (response: ServerResponse) => void

/** A model behind an OpenAI-compatible endpoint on loopback: the first request gets the first answer, and so on. */
export async function startScriptedModel(answers: readonly Answer[]) {
  let requests = 0
  const server = createServer((request, response) => {
    request.resume()
    const answer = answers[requests++]
    if (answer === undefined) response.writeHead(500).end()
    else answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** Requests so far. */
    requests: () => requests,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** An answer in one piece, with what it used. */
export function reply(content: string, usage: Usage): Answer {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ id: 'r', object: 'chat.completion', created: 0, model: 'small', choices, usage }),
    )
  }
}

/** The same as a stream: its usage comes last. */
export function stream(words: readonly string[], usage: Usage): Answer {
  return (response) => {
    openStream(response, words)
    response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }))
    response.write(event({ choices: [], usage }))
    response.end('data: [DONE]\n\n')
  }
}

/** A stream whose connection breaks, so that nobody ever says what it used. */
export function cutStream(words: readonly string[]): Answer {
  return (response) => {
    openStream(response, words)
    setTimeout(() => response.destroy(), CUT_AFTER_MS)
  }
}

/** Not now, but in a hundredth of a second. */
export function tooManyRequests(): Answer {
  return (response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': '10' })
    response.end('{"error":{"message":"slow down"}}')
  }
}

function openStream(response: ServerResponse, words: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const content of words) response.write(event({ choices: [{ index: 0, delta: { content } }] }))
}

function event(data: object): string {
  const chunk = { id: 's', object: 'chat.completion.chunk', created: 0, model: 'small', ...data }
  return `data: ${JSON.stringify(chunk)}\n\n`
}
