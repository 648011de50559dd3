import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A server as seen through a line that can be cut. */
export interface CutOffServer {
  /** As the server's own address, with another port. */
  readonly address: string
  /** Mends the line until a client sends this text: then, before the server has it, the line is cut for everybody. */
  cutAt(text: string): void
  /** Mends the line for good. */
  mend(): void
  stop(): Promise<void>
}

/** Puts such a line before the server at `address`, a URL; it is whole at first. */
export async function startCutOffServer(address: string): Promise<CutOffServer> {
  const behind = new URL(address)
  const sockets = new Set<Socket>()
  let text: string | undefined
  let isCut = false
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    // Each end of a line goes with the other, however it ended.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((client) => {
    if (isCut) {
      client.on('error', () => undefined).destroy()
      return
    }
    const upstream = connect(Number(behind.port), behind.hostname)
    keep(client, upstream)
    keep(upstream, client)
    let unseen = ''
    client.on('data', (chunk) => {
      // A text may come in two pieces.
      unseen += chunk.toString('latin1')
      if (text !== undefined && unseen.includes(text)) return cut()
      unseen = text === undefined ? '' : unseen.slice(1 - text.length)
      upstream.write(chunk)
    })
    upstream.pipe(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const own = new URL(address)
  own.hostname = '127.0.0.1'
  own.port = String((server.address() as AddressInfo).port) // it listens on TCP
  return {
    address: own.href,
    cutAt: (wanted) => {
      text = wanted
      isCut = false
    },
    mend: () => {
      text = undefined
      isCut = false
    },
    stop: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
