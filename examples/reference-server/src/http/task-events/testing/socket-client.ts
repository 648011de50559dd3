/** A client of the socket for tests: what it was told stands in `messages`. */
export interface SocketClient {
  readonly messages: readonly Record<string, unknown>[]
  say(message: unknown): void
  /** The first message that `isWanted` takes, now or later; rejects when the socket closes before. */
  heard(isWanted: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  /** The code by which the socket is closed. */
  readonly closed: Promise<number>
  close(): void
}

/** Connects to the socket of the server at `address`. `protocols`: what the client offers. */
export async function connectSocket(
  address: string,
  protocols: readonly string[] = [],
): Promise<SocketClient & { readonly protocol: string }> {
  const socket = new WebSocket(`${address.replace(/^http/, 'ws')}/api/v1/ws`, [...protocols])
  const messages: Record<string, unknown>[] = []
  const listeners = new Set<() => void>()
  const { promise: closed, resolve } = Promise.withResolvers<number>()
  let isClosed = false
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  socket.addEventListener('message', ({ data }) => {
    messages.push(JSON.parse(String(data)))
    tell()
  })
  socket.addEventListener('close', ({ code }) => {
    isClosed = true
    resolve(code)
    tell()
  })
  await new Promise<void>((open, fail) => {
    socket.addEventListener('open', () => open(), { once: true })
    socket.addEventListener('error', () => fail(new Error('the socket was not opened')), { once: true })
  })
  return {
    messages,
    closed,
    protocol: socket.protocol,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => socket.close(),
    heard: (isWanted) =>
      new Promise((found, fail) => {
        const look = (): void => {
          const message = messages.find(isWanted)
          if (message === undefined && !isClosed) return
          listeners.delete(look)
          if (message === undefined) fail(new Error('the socket was closed before'))
          else found(message)
        }
        listeners.add(look)
        look()
      }),
  }
}
