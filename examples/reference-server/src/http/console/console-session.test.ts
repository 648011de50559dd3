import { afterEach, beforeEach, expect, it, vi } from 'vitest'

/** What of the console's session is used: its own module is made for browsers, which this folder's types do not know. */
interface ConsoleSession {
  readonly token: string | undefined
  signIn(name: string, password: string): Promise<void>
  signOut(): Promise<void>
}

const GRANT = {
  token: 'access',
  refresh_token: 'refresh',
  role: 'operator',
  permissions: [],
  expires_in: 900,
}

let answers: (Response | Error)[]
let called: [path: string, body: unknown][]
let session: ConsoleSession

beforeEach(async () => {
  answers = [Response.json(GRANT)]
  called = []
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
  vi.stubGlobal('fetch', async (path: string, { body }: { readonly body: string }) => {
    called.push([path, JSON.parse(body)])
    const answer = answers.shift()
    if (answer instanceof Response) return answer
    throw answer ?? new Error('asked once too often')
  })
  vi.useFakeTimers()
  const path = '../../../console/src/session/session.ts'
  // The module gives its one session, which is this and more.
  session = ((await import(path)) as { readonly session: ConsoleSession }).session
  await session.signIn('ada', 'a password')
  called = []
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const LOGOUT = ['/api/v1/auth/logout', { refresh_token: 'refresh' }]

it('is signed out of at once, and tells the server again until that has taken it', async () => {
  answers = [
    new Response('{}', { status: 429, headers: { 'retry-after': '7' } }),
    new Response('{}', { status: 503 }),
    new TypeError('no connection'),
    new Response(null, { status: 204 }),
  ]
  const ended = session.signOut()
  expect(session.token).toBeUndefined()
  await vi.advanceTimersByTimeAsync(6999)
  expect(called).toEqual([LOGOUT])
  await vi.advanceTimersByTimeAsync(1)
  expect(called).toEqual([LOGOUT, LOGOUT])
  await vi.advanceTimersByTimeAsync(2000)
  expect(called).toHaveLength(4)
  await ended
  await vi.advanceTimersByTimeAsync(600_000)
  expect(called).toHaveLength(4)
})

it('tells a server that cannot be reached a few times, and one that refuses once', async () => {
  answers = Array.from({ length: 9 }, () => new Response('{}', { status: 503 }))
  const ended = session.signOut()
  await vi.advanceTimersByTimeAsync(600_000)
  await ended
  expect(called).toHaveLength(5)

  answers = [Response.json(GRANT), new Response('{}', { status: 422 })]
  await session.signIn('ada', 'a password')
  called = []
  await session.signOut()
  expect(called).toEqual([LOGOUT])
})
