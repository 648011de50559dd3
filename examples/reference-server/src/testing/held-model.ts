import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Recording } from '../scripted-model/recording.ts'
import { startScriptedModel } from '../scripted-model/scripted-model-server.ts'

/** The scripted model behind a gate. While the gate is shut no call is answered. */
export interface HeldModel {
  readonly baseUrl: string
  readonly apiKey: string
  /** Resolves once a call waits at the gate. */
  readonly held: Promise<void>
  /** From now on calls pass; those that wait do not. */
  open(): void
  stop(): Promise<void>
}

const RECORDING = join(import.meta.dirname, '..', '..', 'demo')

/** Starts it, the gate shut. */
export async function startHeldModel(): Promise<HeldModel> {
  const scripted = await startScriptedModel(Recording.read(RECORDING))
  let isOpen = false
  let arrive = (): void => undefined
  const held = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const server = createServer((request, response) => {
    if (!isOpen) return arrive()
    pass(new URL(scripted.baseUrl).origin, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: scripted.apiKey,
    held,
    open: () => {
      isOpen = true
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await scripted.stop()
    },
  }
}

async function pass(origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const names = Object.entries(request.headers).filter(
    ([name, value]) => typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name),
  )
  const answer = await fetch(`${origin}${request.url ?? ''}`, {
    method: request.method ?? 'POST',
    // Of these headers each value is one text, as was looked at.
    headers: Object.fromEntries(names) as Record<string, string>,
    body: Buffer.concat(chunks),
  })
  const body = Buffer.from(await answer.arrayBuffer())
  const type = answer.headers.get('content-type') ?? 'application/json'
  const retryAfter = answer.headers.get('retry-after')
  response
    .writeHead(answer.status, {
      'content-type': type,
      ...(retryAfter === null ? {} : { 'retry-after': retryAfter }),
    })
    .end(body)
}
