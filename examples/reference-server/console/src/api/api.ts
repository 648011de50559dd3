import createClient, { type Client } from 'openapi-fetch'
import { session } from '../session/session.ts'
import { failureOf, unreachable } from './api-failure.ts'
import type { paths } from './schema.d.ts'

/** A call with the token of the session; a token that has run out is renewed once, by one refresh for all that wait. */
async function fetchSignedIn(request: Request): Promise<Response> {
  const repeat = request.clone()
  const send = (one: Request): Promise<Response> => {
    if (session.token !== undefined) one.headers.set('authorization', `Bearer ${session.token}`)
    return fetch(one).catch((error: unknown) => {
      if (one.signal.aborted) throw error
      throw unreachable(error)
    })
  }
  const usedToken = session.token
  let response = await send(request)
  if (response.status === 401 && (session.token !== usedToken || (await session.refresh()))) {
    response = await send(repeat)
  }
  if (!response.ok) throw await failureOf(response)
  return response
}

/** The API of this server, typed by its own document. Its calls throw {@link ApiFailure}. */
export const api: Client<paths> = createClient<paths>({ baseUrl: '/', fetch: fetchSignedIn })

/** The body of an answer; a call that was refused has thrown. */
export async function dataOf<Data>(calling: Promise<{ readonly data?: Data }>): Promise<Data> {
  const { data } = await calling
  // Each route that is read has a body with each status below 300.
  return data as Data
}
