import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { completionBody, completionEvents, LAST_EVENT } from './completion-body.ts'
import type { ScriptedAnswer, ScriptedReply } from './scripted-answer.ts'
import type { ScriptedCall } from './scripted-call.ts'

type Completion = Extract<ScriptedReply, { kind: 'completion' }>

/** Writes an answer, or what of it the script lets through. */
export async function sendAnswer(
  response: ServerResponse,
  { reply }: ScriptedAnswer,
  call: ScriptedCall,
  slowMs: number,
): Promise<void> {
  if (reply.kind === 'disconnect') return cut(response, '{"id":"cut","object":"chat.comp')
  if (reply.kind === 'refusal') return sendRefusal(response, reply)
  if (reply.spoiled === 'hang') return void (await once(response, 'close'))
  if (reply.isLate && (await isGone(response, slowMs))) return
  if (call.isStreamed) sendStream(response, reply, call)
  else sendWhole(response, reply, call)
}

/** Sends a body as JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function sendRefusal(response: ServerResponse, reply: Extract<ScriptedReply, { kind: 'refusal' }>): void {
  const { status, message, retryAfterMs } = reply
  const headers =
    retryAfterMs === undefined
      ? {}
      : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)), 'retry-after-ms': String(retryAfterMs) }
  sendJson(response, status, { error: { message, type: 'scripted', code: status } }, headers)
}

function sendWhole(response: ServerResponse, reply: Completion, { model }: ScriptedCall): void {
  const text = JSON.stringify(completionBody({ ...reply, model }))
  const half = text.slice(0, text.length / 2)
  if (reply.spoiled === 'cut') {
    cut(response, half)
    return
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(reply.spoiled === 'malformed' ? half : text)
}

function sendStream(response: ServerResponse, reply: Completion, { model }: ScriptedCall): void {
  const events = completionEvents({ ...reply, model })
  const half = events.slice(0, Math.ceil(events.length / 2)).join('')
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (reply.spoiled === 'cut') response.write(half, () => setImmediate(() => response.destroy()))
  else if (reply.spoiled === 'malformed') response.end(`${half}data: {"choices":[{"del\n\n${LAST_EVENT}`)
  else response.end(`${events.join('')}${LAST_EVENT}`)
}

/** Begins an answer, and ends the connection before its end. */
function cut(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(text.length + 4096),
  })
  response.write(text)
  setImmediate(() => response.destroy())
}

/** Waits, and tells whether the client went meanwhile. */
async function isGone(response: ServerResponse, ms: number): Promise<boolean> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  await delay(ms, undefined, { signal: gone.signal }).catch(() => undefined)
  return gone.signal.aborted
}
