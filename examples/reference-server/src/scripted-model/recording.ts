import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonLines } from '../json-lines.ts'

const usageSchema = z.strictObject({
  prompt_tokens: z.number().int().nonnegative(),
  completion_tokens: z.number().int().nonnegative(),
})

const completionSchema = z.strictObject({
  status: z.literal(200),
  content: z.string().optional(),
  refusal: z.string().optional(),
  /** Tools that the model wants run, each with its arguments. */
  toolCalls: z.array(z.strictObject({ name: z.string(), input: z.unknown() })).optional(),
  finishReason: z.enum(['stop', 'length', 'content_filter', 'tool_calls']),
  usage: usageSchema,
})

const responseSchema = z.union([
  completionSchema,
  z.strictObject({
    status: z.union([z.literal(429), z.literal(500), z.literal(503), z.literal(529)]),
    message: z.string(),
    /** Milliseconds that `Retry-After` asks for, with `retry-after-ms` for what is no whole second. */
    retryAfterMs: z.number().int().nonnegative().optional(),
  }),
  z.strictObject({ fault: z.literal('disconnect') }),
])

const answerSchema = z.strictObject({
  task: z.string(),
  step: z.string(),
  attempt: z.number().int().min(1),
  call: z.number().int().min(1),
  response: responseSchema,
})

/** A whole answer of a model. */
export type RecordedCompletion = z.infer<typeof completionSchema>

/** One recorded answer of a model. */
export type RecordedResponse = z.infer<typeof responseSchema>

/** Which answer is asked for. */
export interface AnswerKey {
  readonly task: string
  readonly step: string
  readonly attempt: number
  /** How often this attempt was sent before, plus one. */
  readonly call: number
}

/** Recorded answers, found by task, step and attempt. */
export class Recording {
  readonly #answers = new Map<string, Map<number, RecordedResponse>>()

  /** Reads every `answers-*.jsonl` of a folder. Throws, naming file and line, on a line that is not as it must be. */
  static read(folder: string): Recording {
    const recording = new Recording()
    for (const file of readdirSync(folder).sort()) {
      if (!/^answers-.*\.jsonl$/.test(file)) continue
      for (const { value, where } of readJsonLines(join(folder, file), answerSchema))
        recording.#add(value, where)
    }
    return recording
  }

  /** The answer to a call: the one recorded for it, or else the last recorded for an earlier call of the attempt. */
  find(key: AnswerKey): RecordedResponse | undefined {
    const calls = this.#answers.get(attemptKey(key))
    if (calls === undefined) return undefined
    for (let call = key.call; call >= 1; call--) {
      const found = calls.get(call)
      if (found !== undefined) return found
    }
    return undefined
  }

  #add(answer: z.infer<typeof answerSchema>, where: string): void {
    const key = attemptKey(answer)
    const calls = this.#answers.get(key) ?? new Map<number, RecordedResponse>()
    if (calls.has(answer.call)) throw new Error(`${where}: a second answer for ${key}, call ${answer.call}`)
    calls.set(answer.call, answer.response)
    this.#answers.set(key, calls)
  }
}

function attemptKey(key: Omit<AnswerKey, 'call'>): string {
  return `${key.task} ${key.step} ${key.attempt}`
}
