import { type ApiFailure, failureOf, unreachable } from '../api/api-failure.ts'
import type { components } from '../api/schema.d.ts'
import { forget, keep, readKept } from './kept-session.ts'

type Grant = components['schemas']['Session']

/** Who works with the console. */
export interface SignedIn {
  readonly name: string
  readonly role: string
  readonly permissions: ReadonlySet<string>
}

/** `undefined`: not known yet; `null`: nobody. */
export type SessionState = SignedIn | null | undefined

const PATH = '/api/v1/auth'
const MAX_SIGN_OUTS = 5
const MAX_WAIT_SECONDS = 60

/** The session of this tab. The access token lives in memory alone. */
class Session {
  #state: SessionState
  #token: string | undefined
  #refreshing: Promise<boolean> | undefined
  readonly #listeners = new Set<() => void>()

  /** As `useSyncExternalStore` wants it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  /** Who is signed in. */
  readonly state = (): SessionState => this.#state

  /** The access token; undefined where nobody is signed in. */
  get token(): string | undefined {
    return this.#token
  }

  /** Takes up what this tab kept; resolves when it is known who is signed in. */
  async resume(): Promise<void> {
    if (readKept() === undefined) this.#become(null)
    else if (!(await this.refresh()) && this.#state === undefined) this.#become(null)
  }

  /** @throws ApiFailure */
  async signIn(name: string, password: string): Promise<void> {
    const grant = await ask('login', { username: name, password })
    this.#take(name, grant)
  }

  /** Gets a new access token; many that wait share one refresh. False: signed out. @throws ApiFailure without an answer. */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  /** Signs out of this tab at once, whatever the server says; resolves when that has taken it, or was asked a few times. */
  async signOut(): Promise<void> {
    const kept = readKept()
    const token = this.#token
    this.#end()
    if (kept === undefined) return
    for (let turn = 1; turn <= MAX_SIGN_OUTS; turn++) {
      const response = await fetch(`${PATH}/logout`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ refresh_token: kept.refreshToken }),
      }).catch(() => undefined)
      if (response !== undefined && response.status !== 429 && response.status !== 503) return
      if (turn < MAX_SIGN_OUTS) await pauseAfter(response)
    }
  }

  async #refresh(): Promise<boolean> {
    const kept = readKept()
    if (kept === undefined) {
      this.#end()
      return false
    }
    try {
      const grant = await ask('refresh', { refresh_token: kept.refreshToken, retry_key: kept.retryKey })
      this.#take(kept.name, grant)
      return true
    } catch (error) {
      // `ask` throws nothing else.
      if ((error as ApiFailure).status !== 401) throw error
      this.#end()
      return false
    }
  }

  #take(name: string, grant: Grant): void {
    keep(name, grant.refresh_token)
    this.#token = grant.token
    const before = this.#state
    const isSame =
      before?.name === name &&
      before.role === grant.role &&
      grant.permissions.every((one) => before.permissions.has(one))
    if (!isSame) this.#become({ name, role: grant.role, permissions: new Set(grant.permissions) })
  }

  #end(): void {
    forget()
    this.#token = undefined
    this.#become(null)
  }

  #become(state: SessionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** The session of this tab. */
export const session: Session = new Session()

/** Waits for as long as the answer asks for; a second where it does not. */
async function pauseAfter(answer: Response | undefined): Promise<void> {
  const asked = Number(answer?.headers.get('retry-after') ?? 1)
  const seconds = asked >= 1 ? Math.min(asked, MAX_WAIT_SECONDS) : 1
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

async function ask(what: 'login' | 'refresh', body: object): Promise<Grant> {
  const response = await fetch(`${PATH}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw unreachable(error)
  })
  if (!response.ok) throw await failureOf(response)
  return (await response.json()) as Grant
}
