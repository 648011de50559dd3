import { openTcpLine } from './tcp-line.ts'

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
  let text: string | undefined
  let isCut = false
  const cut = (): void => {
    isCut = true
    line.cut()
  }
  const line = await openTcpLine(address, {
    target: () => (isCut ? undefined : behind),
    send: (client, server) => {
      let unseen = ''
      client.on('data', (chunk) => {
        // A text may come in two pieces.
        unseen += chunk.toString('latin1')
        if (text !== undefined && unseen.includes(text)) return cut()
        unseen = text === undefined ? '' : unseen.slice(1 - text.length)
        server.write(chunk)
      })
    },
  })
  return {
    address: line.address,
    cutAt: (wanted) => {
      text = wanted
      isCut = false
    },
    mend: () => {
      text = undefined
      isCut = false
    },
    stop: () => {
      isCut = true
      return line.close()
    },
  }
}
