import type { FetchLike } from './guarded-fetch-options.ts'
import type { ModelCall } from './model-call.ts'

/** What `fetch` is called with. */
export type FetchArguments = Parameters<FetchLike>

const DECODER = new TextDecoder()

/** Reads what a call is about to send. A body that comes as a stream or a form stays unread: nothing is known of it. */
export async function readCall([input, init]: FetchArguments): Promise<ModelCall> {
  const request = input instanceof Request ? input : undefined
  const url = request?.url ?? String(input)
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase()
  const bytes = method === 'POST' ? await bytesOf(init?.body, request) : undefined
  return {
    url,
    method,
    body: bytes === undefined ? undefined : objectOf(DECODER.decode(bytes)),
    bodyBytes: bytes?.byteLength ?? 0,
  }
}

async function bytesOf(
  body: RequestInit['body'],
  request: Request | undefined,
): Promise<Uint8Array | undefined> {
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  if (body instanceof Blob) return new Uint8Array(await body.arrayBuffer())
  if (body !== undefined && body !== null) return undefined
  return request === undefined ? undefined : new Uint8Array(await request.clone().arrayBuffer())
}

/** The object that a text of JSON stands for, or undefined. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // An object that is no array has members by name.
    return value as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
