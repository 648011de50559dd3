import type { AnsweredCall, ModelCall, ModelOutcome, ModelPort } from '../models/model-port.ts'

type Script = (call: ModelCall, number: number) => ModelOutcome | Promise<ModelOutcome>

/** A model whose outcomes a test gives, with the calls that it got. */
export class ScriptedPort implements ModelPort {
  readonly name: string
  readonly model: string
  readonly calls: ModelCall[] = []
  readonly #script: Script

  constructor(name: string, script: Script) {
    this.name = name
    this.model = name
    this.#script = script
  }

  async complete(call: ModelCall): Promise<ModelOutcome> {
    this.calls.push({ ...call, messages: [...call.messages] })
    return this.#script(call, this.calls.length)
  }
}

/** A whole answer of 100 tokens, 60 of them the prompt's. */
export function answering(content: string, more: Partial<AnsweredCall> = {}): AnsweredCall {
  const usage = { inputTokens: 60, outputTokens: 40 }
  return { kind: 'answered', content, refusal: null, finishReason: 'stop', totalTokens: 100, usage, ...more }
}

/** The server is busy. */
export const BUSY: ModelOutcome = { kind: 'not-billed', problem: 'HTTP 503', isTransient: true }
