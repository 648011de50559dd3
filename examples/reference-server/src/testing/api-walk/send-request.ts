import { failureSchema } from '../../http/route-schema.ts'
import type { Operation } from './api-document.ts'
import type { GeneratedRequest, Part } from './generated-request.ts'
import type { KnownValues } from './known-values.ts'
import { upgradedStatus } from './upgraded-status.ts'

/** Where and as whom an API is walked. */
export interface Walked {
  readonly address: string
  /** A token that may do everything, and one that may do little. */
  readonly tokens: { readonly good: string; readonly weak: string }
}

/** A request that was sent, and what came of it. */
export interface Sent {
  readonly status: number
  /** What of the answer is not as the document says. */
  readonly problems: readonly string[]
  /** The request and the status, in a line. */
  readonly sent: string
}

/** Sends a request, learns from what comes back, and holds it against the document. */
export async function sendRequest(
  operation: Operation,
  request: GeneratedRequest,
  { address, tokens }: Walked,
  known: KnownValues,
): Promise<Sent> {
  const collection = collectionOf(operation.path)
  const textOf = (name: string, part: Part | undefined, from = collection): string => {
    const value = part?.value ?? known.pick(from, name, request.pick)
    return typeof value === 'object' ? JSON.stringify(value) : String(value).toWellFormed()
  }
  const path = operation.path.replace(/([\w-]+)\/\{([^}]+)\}/g, (_whole, from: string, name: string) => {
    const text = textOf(name, request.path[name], from)
    // An empty part, and one of dots, would be another path.
    return `${from}/${/^\.{0,2}$/.test(text) ? 'none' : encodeURIComponent(text)}`
  })
  const query = new URLSearchParams(
    Object.entries(request.query).map(([name, part]): [string, string] => [
      name.toWellFormed(),
      textOf(name, part),
    ]),
  )
  const url = `${address}${path}${query.size === 0 ? '' : `?${query}`}`
  const headers = headersOf(operation, request, tokens)
  const body =
    request.body.kind === 'none'
      ? undefined
      : request.body.kind === 'text'
        ? request.body.text
        : JSON.stringify(
            request.body.isAboutKnown
              ? known.putInto(request.body.value, collection, request.pick)
              : request.body.value,
          )
  if (request.opensSocket === true) {
    const status = await upgradedStatus(url)
    return {
      status,
      problems: problemsOf(operation, status, '', ''),
      sent: `${operation.method} ${url} -> ${status}`,
    }
  }
  const ended = new AbortController()
  const response = await fetch(url, {
    method: operation.method,
    headers,
    signal: ended.signal,
    ...(body === undefined ? {} : { body }),
  })
  const { status } = response
  const type = response.headers.get('content-type')?.split(';', 1)[0] ?? ''
  const sent = `${operation.method} ${path}${query.size === 0 ? '' : `?${query}`} ${body ?? ''} -> ${status}`
  if (type === 'text/event-stream') {
    // It would go on as long as its task.
    ended.abort()
    return { status, problems: problemsOf(operation, status, type, ''), sent }
  }
  const text = await response.text()
  const problems = problemsOf(operation, status, type, text)
  if (status < 300 && type === 'application/json') known.learn(JSON.parse(text), collection)
  return { status, problems: status >= 500 ? [...problems, `the server failed: ${text}`] : problems, sent }
}

function headersOf(
  operation: Operation,
  { token, headers, body }: GeneratedRequest,
  tokens: Walked['tokens'],
): Record<string, string> {
  const shown = operation['x-permission'] === undefined ? 'none' : token
  const named = Object.entries(headers).map(([name, value]) => [
    name,
    String(value).replace(/[^\x21-\x7e]/g, ''),
  ])
  return {
    ...Object.fromEntries(named),
    ...(shown === 'good' || shown === 'weak' ? { authorization: `Bearer ${tokens[shown]}` } : {}),
    ...(shown === 'bad' ? { authorization: 'Bearer none' } : {}),
    ...(body.kind === 'json' ? { 'content-type': 'application/json' } : {}),
    ...(body.kind === 'text' ? { 'content-type': body.contentType } : {}),
  }
}

function problemsOf(operation: Operation, status: number, type: string, text: string): readonly string[] {
  const documented = operation.responses[String(status)]
  if (documented === undefined) return [`the status is not documented: ${text.slice(0, 300)}`]
  if (documented.content === undefined) return text === '' ? [] : ['an answer without a body has one']
  if (!Object.hasOwn(documented.content, type)) return [`the media type ${type} is not documented`]
  if (status >= 400 && status !== 503) {
    const { success } = failureSchema.safeParse(JSON.parse(text))
    if (!success) return [`the failure has a form of its own: ${text.slice(0, 300)}`]
  }
  return []
}

/** What a path is about: the part before its first parameter, or its last one, `tasks` of `/api/v1/tasks/{id}/cancel`. */
function collectionOf(path: string): string {
  return /([\w-]+)\/\{[^}]+\}/.exec(path)?.[1] ?? path.split('/').at(-1) ?? ''
}
