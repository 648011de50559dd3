import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A port of another address that leads to one of 127.0.0.1. */
export interface OpenedPort {
  readonly port: number
  close(): Promise<void>
}

/** Lets those who reach `host`, an address of this machine, reach a port of 127.0.0.1: each connection is carried over. */
export async function openToNetwork(host: string, to: number): Promise<OpenedPort> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer((caller) => {
    const called = connect(to, '127.0.0.1')
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      keep(one)
      one.on('error', () => other.destroy())
      one.pipe(other)
      one.once('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve)
  })
  return {
    // A TCP server that listens has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
