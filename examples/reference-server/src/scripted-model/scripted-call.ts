import type { IncomingMessage } from 'node:http'
import { STEP_HEADER } from '../services/agent-runtime/step-header.ts'
import type { AnswerKey } from './recording.ts'

/** A call as the scripted model understands it. */
export interface ScriptedCall {
  /** Undefined: the call names no step. */
  readonly answer: AnswerKey | undefined
  /** The step's header as it came; empty where there is none. */
  readonly step: string
  readonly idempotencyKey: string | undefined
  readonly model: string
  readonly isStreamed: boolean
  /** Whether a stream ends with its usage. */
  readonly wantsUsage: boolean
}

/** Reads a call. Throws a SyntaxError where its body is no JSON. */
export function readCall(headers: IncomingMessage['headers'], text: string): ScriptedCall {
  const body: unknown = JSON.parse(text)
  const step = headers[STEP_HEADER]
  const key = headers['idempotency-key']
  const isStreamed = fieldOf(body, 'stream') === true
  return {
    answer: answerKeyOf(step),
    step: typeof step === 'string' ? step : '',
    idempotencyKey: typeof key === 'string' ? key : undefined,
    model: String(fieldOf(body, 'model') ?? 'scripted'),
    isStreamed,
    wantsUsage: !isStreamed || fieldOf(fieldOf(body, 'stream_options'), 'include_usage') === true,
  }
}

function answerKeyOf(header: string | string[] | undefined): AnswerKey | undefined {
  if (typeof header !== 'string') return undefined
  const [task, step, attempt, call] = header.split('|')
  if (task === undefined || step === undefined) return undefined
  return { task, step, attempt: Number(attempt), call: Number(call) }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // Any object may be asked for any name; what comes back is checked by the caller.
  return (value as Readonly<Record<string, unknown>>)[name]
}
