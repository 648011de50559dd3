/** How something is fetched. */
export interface FetchJsonOptions {
  readonly fetch: typeof fetch
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * The JSON value at `url`. Rejects on a redirect, a status other than 200, more than `maxBytes` bytes as they come out of
 * any compression, and a body that is no JSON.
 */
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<unknown> {
  const { maxBytes, signal } = options
  const response = await options.fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual',
    credentials: 'omit',
    signal,
  })
  try {
    if (response.status !== 200) throw new Error(`answered with status ${response.status}`)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readBody(response, maxBytes))
    return JSON.parse(text) as unknown
  } finally {
    // What is left unread would hold the connection.
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {})
  }
}

async function readBody(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop by a throw cancels the body.
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > maxBytes) throw new Error(`answered with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
