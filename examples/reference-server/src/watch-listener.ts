import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { type Health, type HealthAnswer, healthAnswers } from './health.ts'

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
  ['/health', async ({ health }, response) => sendAnswer(response, await healthAnswers.report(health))],
  ['/health/live', async (_options, response) => sendAnswer(response, await healthAnswers.live())],
  ['/health/ready', async ({ health }, response) => sendAnswer(response, await healthAnswers.ready(health))],
])

function sendAnswer(response: ServerResponse, { status, body }: HealthAnswer<object>): void {
  send(response, status, body)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
