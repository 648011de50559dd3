import type { Answer } from '../../testing/assembled-server.ts'
import { callServer } from '../../testing/server-client.ts'
import type { Person } from './story.ts'

/** Who a person is to the server. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** A person who calls the server at `address`, and signs in again whenever a token has run out. */
export async function personAt(address: string, credentials: Credentials): Promise<Person> {
  const signIn = async (): Promise<string> => {
    const { status, body, text } = await callServer(address, 'POST', '/api/v1/auth/login', {
      body: credentials,
    })
    if (status !== 200)
      throw new Error(`the sign-in of ${credentials.username} was answered ${status}: ${text}`)
    return String(body?.token)
  }
  let token = await signIn()
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const ask = (): Promise<Answer> =>
      callServer(address, method, path, { token, ...(body === undefined ? {} : { body }) })
    const answer = await ask()
    if (answer.status !== 401) return answer
    token = await signIn()
    return ask()
  }
  return {
    // The subject of a token is the person's id.
    name: subjectOf(token),
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    hear: async (taskId, type) => {
      await call('GET', '/stats')
      const response = await fetch(`${address}/api/v1/tasks/${taskId}/events`, {
        headers: { authorization: `Bearer ${token}` },
      })
      let heard = ''
      for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        heard += piece
        if (heard.includes(`\nevent: ${type}\n`)) return
      }
      throw new Error(`the events of ${taskId} ended before ${type}:\n${heard}`)
    },
  }
}

function subjectOf(token: string): string {
  const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
  // The claims of a token that was just issued are an object with a subject.
  return (payload as { readonly sub: string }).sub
}
