import type { UsageMeter } from '../model-calls/streamed-call.ts'
import { StreamUsage, usageOfAnswer } from './answer-usage.ts'
import { EventReader } from './event-reader.ts'
import { objectOf } from './read-call.ts'

/** A meter for the body of this answer: of events, or of one JSON value. */
export function meterOf(answer: Response, maxBytes: number): UsageMeter<Uint8Array> {
  const type = answer.headers.get('content-type') ?? ''
  return type.startsWith('text/event-stream') ? eventMeter(maxBytes) : jsonMeter(maxBytes)
}

function eventMeter(maxLength: number): UsageMeter<Uint8Array> {
  const usage = new StreamUsage()
  const reader = new EventReader(maxLength, (data) => {
    const event = data === '[DONE]' ? data : objectOf(data)
    if (event !== undefined) usage.take(event)
  })
  return {
    push: (bytes) => reader.push(bytes),
    end: (cameToItsEnd) => {
      if (cameToItsEnd) reader.end()
      return usage.total(cameToItsEnd)
    },
  }
}

function jsonMeter(maxBytes: number): UsageMeter<Uint8Array> {
  let chunks: Uint8Array[] = []
  let length = 0
  return {
    push: (bytes) => {
      length += bytes.byteLength
      if (length <= maxBytes) chunks.push(bytes)
      else chunks = []
    },
    end: (cameToItsEnd) => {
      if (!cameToItsEnd || length > maxBytes) return undefined
      const answer = objectOf(new TextDecoder().decode(Buffer.concat(chunks)))
      return answer === undefined ? undefined : usageOfAnswer(answer)
    },
  }
}

/** The same answer with another body. */
export function withBody(answer: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url } = answer
  const made = new Response(body, { status, statusText, headers })
  // An answer that is made has no address; client libraries tell it in errors.
  Object.defineProperty(made, 'url', { value: url })
  return made
}
