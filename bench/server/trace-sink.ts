import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where traces go to be forgotten. */
export interface TraceSink {
  /** What `OTEL_*` variables send traces there. */
  readonly environment: Readonly<Record<string, string>>
  readonly exports: () => number
  readonly bytes: () => number
  stop(): Promise<void>
}

/** Starts a server on loopback that takes exports of traces and reads none. */
export async function startTraceSink(): Promise<TraceSink> {
  let exports = 0
  let bytes = 0
  const server = createServer((request, response) => {
    exports++
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.once('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
    exports: () => exports,
    bytes: () => bytes,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
