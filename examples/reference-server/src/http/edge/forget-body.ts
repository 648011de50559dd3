import type { IncomingMessage } from 'node:http'

const MAX_BYTES = 16 * 1024 * 1024
const MAX_MS = 2000

/**
 * Reads and forgets what still arrives of a body, for 2 seconds and 16 MiB at most: a connection that is closed with
 * unread bytes on it may cut off the answer that says why.
 */
export async function forgetBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return
  await new Promise<void>((resolve) => {
    let bytes = 0
    const timer = setTimeout(done, MAX_MS)
    function count(chunk: Buffer): void {
      bytes += chunk.length
      if (bytes > MAX_BYTES) done()
    }
    function done(): void {
      clearTimeout(timer)
      request.off('data', count).off('end', done).off('close', done).off('error', done)
      resolve()
    }
    request.on('data', count).once('end', done).once('close', done).once('error', done).resume()
  })
}
