import type { BilledEnd } from './bill.ts'
import { tokensOf } from './completion-body.ts'
import type { Fault, FaultPlan } from './fault-plan.ts'
import type { RecordedCompletion, RecordedResponse, Recording } from './recording.ts'
import type { ScriptedCall } from './scripted-call.ts'

/** How a call is answered. */
export type ScriptedReply =
  | {
      readonly kind: 'completion'
      readonly recorded: RecordedCompletion
      readonly hasUsage: boolean
      readonly isLate: boolean
      /** `cut`: the connection ends in the middle. `malformed`: the JSON does. `hang`: nothing comes. */
      readonly spoiled: 'cut' | 'malformed' | 'hang' | undefined
    }
  | {
      readonly kind: 'refusal'
      readonly status: number
      readonly message: string
      readonly retryAfterMs: number | undefined
    }
  | { readonly kind: 'disconnect' }

/** What a call costs. */
export interface Billed {
  readonly tokens: number
  readonly input_tokens: number
}

/** The answer to a call, and what it costs. */
export interface ScriptedAnswer {
  readonly reply: ScriptedReply
  readonly billed: Billed
  readonly end: BilledEnd
}

const REFUSALS: Readonly<Partial<Record<Fault, { status: number; message: string; retryAfterMs?: number }>>> =
  {
    'rate-limited': { status: 429, message: 'too many requests', retryAfterMs: 20 },
    overloaded: { status: 529, message: 'overloaded' },
    unavailable: { status: 503, message: 'unavailable' },
  }

const NOTHING: Billed = Object.freeze({ tokens: 0, input_tokens: 0 })
const SAID_NO = 'I cannot help with that.'

/** What a call gets: what is recorded for it, with the fault that the plan gives it. */
export function scriptedAnswer(
  call: ScriptedCall,
  recording: Recording,
  faults: FaultPlan | undefined,
): ScriptedAnswer {
  const recorded = call.answer === undefined ? undefined : recording.find(call.answer)
  if (call.answer === undefined || recorded === undefined) {
    return refused({
      status: 404,
      message: 'no recorded answer: the recording knows its own tasks alone, by default those of the demo',
    })
  }
  const { task, step, attempt, call: number } = call.answer
  const fault = faults?.faultOf({ name: `${task}|${step}|${attempt}`, number })
  const refusal = fault === undefined ? undefined : REFUSALS[fault]
  if (refusal !== undefined) return refused(refusal)
  if (fault === 'disconnect') return { reply: { kind: 'disconnect' }, billed: NOTHING, end: 'refused' }
  return answerOf(recorded, fault, call.wantsUsage)
}

function answerOf(recorded: RecordedResponse, fault: Fault | undefined, wantsUsage: boolean): ScriptedAnswer {
  if ('fault' in recorded) return { reply: { kind: 'disconnect' }, billed: NOTHING, end: 'refused' }
  if (recorded.status !== 200) return refused(recorded)
  const spoiled = fault === 'cut' || fault === 'malformed' || fault === 'hang' ? fault : undefined
  const hasUsage = wantsUsage && fault !== 'missing-usage'
  return {
    reply: {
      kind: 'completion',
      recorded: fault === 'refusal' ? refusing(recorded) : recorded,
      hasUsage,
      isLate: fault === 'slow',
      spoiled,
    },
    billed: { tokens: tokensOf(recorded), input_tokens: recorded.usage.prompt_tokens },
    end: hasUsage && spoiled === undefined ? 'told' : 'untold',
  }
}

function refusing({ usage }: RecordedCompletion): RecordedCompletion {
  return { status: 200, refusal: SAID_NO, finishReason: 'stop', usage }
}

function refused(refusal: {
  readonly status: number
  readonly message: string
  readonly retryAfterMs?: number | undefined
}): ScriptedAnswer {
  const { status, message, retryAfterMs } = refusal
  return { reply: { kind: 'refusal', status, message, retryAfterMs }, billed: NOTHING, end: 'refused' }
}
