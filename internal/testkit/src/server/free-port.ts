import { createServer } from 'node:net'

/** A TCP port of 127.0.0.1 on which nothing listened a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('no TCP port was given'))
      server.close(() => resolve(address.port))
    })
  })
}
