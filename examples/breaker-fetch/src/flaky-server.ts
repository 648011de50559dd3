import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a request: an answer, an error, or nothing at all. */
export type Mood = 'fine' | 'unavailable' | 'silent'

/** A service on loopback that is in the mood it is told: the next requests get these, then it is `fine` again. */
export async function startFlakyServer() {
  const moods: Mood[] = []
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    const mood = moods.shift() ?? 'fine'
    if (mood === 'fine') response.end('12 °C')
    if (mood === 'unavailable') response.writeHead(503).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/weather`,
    /** Says what becomes of the next requests. */
    next: (...coming: readonly Mood[]) => moods.push(...coming),
    /** Requests so far. */
    requests: () => requests,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
