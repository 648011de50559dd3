import { connect } from 'node:net'

/** All that a server says to `bytes` until it closes the connection. */
export function exchange(address: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      said += text
    })
    socket.once('close', () => resolve(said))
    // A server that closes while we still write resets the connection: what it said until then counts.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
  })
}
