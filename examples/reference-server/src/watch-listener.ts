import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { Health } from './health.ts'

/** What the listener tells of, and where. */
export interface WatchListenerOptions {
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  readonly health: Health
  readonly registry: Pick<Registry, 'metrics' | 'contentType'>
}

/** A listener for those who watch the process: scrapers and probes. */
export interface WatchListener {
  readonly address: string
  close(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 10_000

/** Listens with `/metrics`, `/health`, `/health/live` and `/health/ready`, without a sign-in. */
export async function startWatchListener(options: WatchListenerOptions): Promise<WatchListener> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 },
    (request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const answer = request.method === 'GET' || request.method === 'HEAD' ? ANSWERS.get(path) : undefined
      if (answer === undefined) return send(response, 404, { status: 'unknown' })
      answer(options, response).catch(() => send(response, 500, { status: 'unhealthy' }))
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve)
  })
  // A TCP server that listens has an AddressInfo.
  const { address, family, port } = server.address() as AddressInfo
  return {
    address: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => close(server),
  }
}

type Answer = (options: WatchListenerOptions, response: ServerResponse) => Promise<void>

const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  [
    '/metrics',
    async ({ registry }, response) => {
      const text = await registry.metrics()
      response.writeHead(200, { 'content-type': registry.contentType }).end(text)
    },
  ],
  [
    '/health',
    async ({ health }, response) => {
      const report = await health.report()
      send(response, report.status === 'unhealthy' ? 503 : 200, report)
    },
  ],
  ['/health/live', async (_options, response) => send(response, 200, { status: 'healthy' })],
  [
    '/health/ready',
    async ({ health }, response) => {
      const isReady = await health.isReady()
      send(response, isReady ? 200 : 503, { status: isReady ? 'healthy' : 'unhealthy' })
    },
  ],
])

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
