/** What one tab of the browser keeps of a session, so that it outlives a reload. It goes when the tab is closed. */
export interface KeptSession {
  readonly name: string
  readonly refreshToken: string
  /** By which a refresh whose answer was lost may be repeated. */
  readonly retryKey: string
}

const KEY = 'golden-console-session'
const RETRY_KEY_BYTES = 24

/** What was kept; undefined where there is none. */
export function readKept(): KeptSession | undefined {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    if (typeof value !== 'object' || value === null) return undefined
    const { name, refreshToken, retryKey } = value as Record<string, unknown>
    if (typeof name !== 'string' || typeof refreshToken !== 'string' || typeof retryKey !== 'string')
      return undefined
    return { name, refreshToken, retryKey }
  } catch {
    return undefined
  }
}

/** Keeps the refresh token of `name`, with a new key for repeats. */
export function keep(name: string, refreshToken: string): void {
  const bytes = crypto.getRandomValues(new Uint8Array(RETRY_KEY_BYTES))
  const retryKey = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  sessionStorage.setItem(KEY, JSON.stringify({ name, refreshToken, retryKey }))
}

/** Keeps nothing any more. */
export function forget(): void {
  sessionStorage.removeItem(KEY)
}
