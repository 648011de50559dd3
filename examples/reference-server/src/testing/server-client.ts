import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer, CallOptions } from './assembled-server.ts'

const CORPUS = join(import.meta.dirname, '..', '..', 'demo', 'tasks-practical.jsonl')

/** A task of the demo, as it is posted. */
export function demoTask(id: string): Readonly<Record<string, unknown>> {
  const line = readFileSync(CORPUS, 'utf8')
    .split('\n')
    .find((text) => text.includes(`"id":"${id}"`))
  // A line of the corpus is a JSON object.
  return JSON.parse(line ?? '') as Record<string, unknown>
}

/** Calls the server at `address`. */
export async function callServer(
  address: string,
  method: string,
  path: string,
  { token, body }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  // Of JSON, these routes answer objects alone.
  const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined
  return { status: response.status, headers: response.headers, text, body: parsed }
}

/** Signs in; the token. */
export async function signInAt(address: string, username: string, password: string): Promise<string> {
  const { body } = await callServer(address, 'POST', '/api/v1/auth/login', { body: { username, password } })
  return String(body?.token)
}
