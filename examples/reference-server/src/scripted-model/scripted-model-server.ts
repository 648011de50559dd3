import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { STEP_HEADER } from '../services/agent-runtime/step-header.ts'
import type { AnswerKey, RecordedResponse, Recording } from './recording.ts'

/** A running model server. */
export interface ScriptedModel {
  /** Base address with `/v1`, as an OpenAI-compatible client takes it. */
  readonly baseUrl: string
  /** The key it asks for, made anew at each start. */
  readonly apiKey: string
  /** Tokens it has charged for so far: what a provider's invoice would say. */
  readonly billedTokens: number
  stop(): Promise<void>
}

const MAX_REQUEST_BYTES = 4 * 1024 * 1024

/** Starts an OpenAI-compatible server on a free loopback port that replays recorded answers. */
export async function startScriptedModel(recording: Recording): Promise<ScriptedModel> {
  const apiKey = `scripted-${randomBytes(16).toString('hex')}`
  const bill = { tokens: 0 }
  const server = createServer((request, response) => {
    void answer(request, response, recording, apiKey, bill).catch(() => response.destroy())
  })
  await listen(server)
  // A TCP server that listens has an AddressInfo; a string is the address of a pipe.
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    get billedTokens() {
      return bill.tokens
    },
    stop: () => stop(server),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  recording: Recording,
  apiKey: string,
  bill: { tokens: number },
): Promise<void> {
  if (!isAuthorized(request, apiKey)) return refuse(response, 401, 'wrong API key')
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return refuse(response, 404, 'no such route')
  const body: unknown = JSON.parse(await readBody(request))
  const model = typeof body === 'object' && body !== null && 'model' in body ? String(body.model) : 'scripted'
  const key = parseKey(request.headers[STEP_HEADER])
  const recorded = key === undefined ? undefined : recording.find(key)
  if (recorded === undefined) return refuse(response, 404, 'no recorded answer for this step')
  if ('fault' in recorded) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' })
    response.write('{"id":"cut","object":"chat.comp')
    setImmediate(() => response.destroy())
    return
  }
  if (recorded.status !== 200) return refuse(response, recorded.status, recorded.message)
  bill.tokens += recorded.usage.prompt_tokens + recorded.usage.completion_tokens
  send(response, 200, completion(recorded, model))
}

type Completion = Extract<RecordedResponse, { status: 200 }>

function completion(recorded: Completion, model: string): object {
  return {
    id: `chatcmpl-${randomBytes(8).toString('hex')}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: recorded.content ?? null, refusal: recorded.refusal ?? null },
        finish_reason: recorded.finishReason,
      },
    ],
    usage: {
      ...recorded.usage,
      total_tokens: recorded.usage.prompt_tokens + recorded.usage.completion_tokens,
    },
  }
}

function parseKey(header: string | string[] | undefined): AnswerKey | undefined {
  if (typeof header !== 'string') return undefined
  const [task, step, attempt, call] = header.split('|')
  if (task === undefined || step === undefined) return undefined
  return { task, step, attempt: Number(attempt), call: Number(call) }
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
  send(response, status, { error: { message, type: 'scripted', code: status } })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
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
