/** Headers of an HTTP answer: a `Headers` object, or plain names with values. */
export type HeaderSource =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | null | undefined>>

/** RFC 9110 section 5.6.7: the fixed format that senders use, and the two old ones that receivers still take. */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
]

/**
 * Milliseconds for which the sender of `headers` asks not to be called again: `retry-after-ms`, else `Retry-After`
 * in seconds or as a date (RFC 9110 section 10.2.3), which is compared with `now`. A date that has passed gives 0;
 * undefined where neither header is there or makes sense.
 */
export function retryAfterMs(headers: HeaderSource, now: Date): number | undefined {
  const precise = decimal(headerOf(headers, 'retry-after-ms'))
  if (precise !== undefined) return precise
  const text = headerOf(headers, 'retry-after')
  const seconds = decimal(text)
  if (seconds !== undefined) return seconds * 1000
  const date = text === undefined ? undefined : httpDate(text)
  return date === undefined ? undefined : Math.max(0, date - now.getTime())
}

/** One header's value, whatever the case of its name, or undefined. */
export function headerOf(headers: HeaderSource, name: string): string | undefined {
  // A plain record may have a header named get; a function it never is.
  const get: unknown = headers.get
  if (typeof get === 'function') {
    const value: unknown = get.call(headers, name)
    return typeof value === 'string' ? value : undefined
  }
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name) continue
    const first: unknown = Array.isArray(value) ? value[0] : value
    return typeof first === 'string' ? first : undefined
  }
  return undefined
}

function decimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d{1,12}(\.\d{1,9})?\s*$/.test(text)) return undefined
  return Number(text)
}

function httpDate(text: string): number | undefined {
  const trimmed = text.trim()
  if (!HTTP_DATES.some((format) => format.test(trimmed))) return undefined
  const time = Date.parse(trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`)
  return Number.isNaN(time) ? undefined : time
}
