import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line to a server, from a port of its own. */
export interface TcpLine {
  /** As the server's own address, with another port. */
  readonly address: string
  /** Ends each connection. */
  cut(): void
  /** Ends each connection, and takes no more. */
  close(): Promise<void>
}

/** What passes over a line. */
export interface TcpLineOptions {
  /** Where a new connection leads; undefined: it ends at once. */
  readonly target: () => URL | undefined
  /** Passes on what a client sends. Default: all of it. */
  readonly send?: (client: Socket, server: Socket) => void
}

/** Opens a line for the clients of the server at `address`, a URL. */
export async function openTcpLine(
  address: string,
  { target, send = (client, server) => client.pipe(server) }: TcpLineOptions,
): Promise<TcpLine> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    // Each end of a line goes with the other, however it ended.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const listener = createServer((client) => {
    const behind = target()
    if (behind === undefined) {
      client.on('error', () => undefined).destroy()
      return
    }
    const server = connect(Number(behind.port), behind.hostname)
    keep(client, server)
    keep(server, client)
    send(client, server)
    server.pipe(client)
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const own = new URL(address)
  own.hostname = '127.0.0.1'
  own.port = String((listener.address() as AddressInfo).port) // it listens on TCP
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    address: own.href,
    cut,
    close: async () => {
      cut()
      listener.close()
      await once(listener, 'close')
    },
  }
}
