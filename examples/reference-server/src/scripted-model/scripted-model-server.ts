import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Bill } from './bill.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { Recording } from './recording.ts'
import { type ScriptedAnswer, scriptedAnswer } from './scripted-answer.ts'
import { readCall } from './scripted-call.ts'
import { sendAnswer, sendJson } from './send-answer.ts'

/** A running model server. */
export interface ScriptedModel {
  /** Base address with `/v1`, as an OpenAI-compatible client takes it. */
  readonly baseUrl: string
  /** The key it asks for. */
  readonly apiKey: string
  /** Tokens it has charged for so far: what a provider's invoice would say. */
  readonly billedTokens: number
  /** The invoice, call by call; `GET /_scripted/bill` gives the same. */
  readonly bill: Bill
  stop(): Promise<void>
}

/** How a scripted model differs from one that only replays. */
export interface ScriptedModelOptions {
  /** Default: any that is free. */
  readonly port?: number
  /** Default: one made anew at each start. */
  readonly apiKey?: string
  /** What it does wrong beside what is recorded. Default: nothing. */
  readonly faults?: FaultPlan
  /** Where its bill is kept from one start to the next. Default: with the process. */
  readonly billFile?: string
  /** Milliseconds by which the answer to a call with the fault `slow` is late. Default 500. */
  readonly slowMs?: number
}

const MAX_REQUEST_BYTES = 4 * 1024 * 1024

/** Starts an OpenAI-compatible server on loopback that replays recorded answers, whole or as streams, and keeps a bill. */
export async function startScriptedModel(
  recording: Recording,
  options: ScriptedModelOptions = {},
): Promise<ScriptedModel> {
  const apiKey = options.apiKey ?? `scripted-${randomBytes(16).toString('hex')}`
  const bill = new Bill(options.billFile)
  const { faults, slowMs = 500 } = options
  const server = createServer((request, response) => {
    void answer(request, response, { recording, apiKey, bill, faults, slowMs }).catch(() =>
      response.destroy(),
    )
  })
  await listen(server, options.port ?? 0)
  // A TCP server that listens has an AddressInfo; a string is the address of a pipe.
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    bill,
    get billedTokens() {
      return bill.tokens
    },
    stop: () => stop(server),
  }
}

interface Surroundings {
  readonly recording: Recording
  readonly apiKey: string
  readonly bill: Bill
  readonly faults: FaultPlan | undefined
  readonly slowMs: number
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { recording, apiKey, bill, faults, slowMs }: Surroundings,
): Promise<void> {
  if (!isAuthorized(request, apiKey)) return refuse(response, 401, 'wrong API key')
  if (request.method === 'GET' && request.url === '/_scripted/bill')
    return sendJson(response, 200, bill.view())
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return refuse(response, 404, 'no such route')
  const call = readCall(request.headers, await readBody(request))
  const given: ScriptedAnswer = scriptedAnswer(call, recording, faults)
  const { idempotencyKey: key, step } = call
  bill.charge({ ...(key === undefined ? {} : { key }), step, ...given.billed, end: given.end })
  await sendAnswer(response, given, call, slowMs)
}

function isAuthorized(request: IncomingMessage, apiKey: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${apiKey}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    // A request without an encoding set gives Buffers.
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > MAX_REQUEST_BYTES) throw new Error(`request larger than ${MAX_REQUEST_BYTES} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refuse(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: 'scripted', code: status } })
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)))
    server.closeAllConnections()
  })
}
