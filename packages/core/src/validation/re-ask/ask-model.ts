import { createHash } from 'node:crypto'
import { InvalidOptionError } from '../../errors/index.ts'
import { describeFailure } from '../describe-failure.ts'
import type { LlmFailure, LlmOutcome } from '../outcome.ts'
import { type AskOptions, type GenerateAnswer, type ModelAnswer, resolveAskOptions } from './ask-options.ts'
import type { AskAttempt, AskOutcome, AskStop } from './ask-outcome.ts'
import type { AttemptBudget } from './attempt-budget.ts'
import { decideNext } from './decide-next.ts'
import { type LlmUsage, sumUsage } from './llm-usage.ts'
import { untilAborted } from './until-aborted.ts'

/** Reads an answer. */
export type ReadAnswer<Value> = (answer: ModelAnswer) => LlmOutcome<Value>

/**
 * Asks a model until an answer is read, telling it each time what was wrong with the answer before, and never showing
 * it that answer. Ends on a value, a refusal, a call of a tool, the attempts or the budget being used up, an answer that
 * was refused before, an abort or an error; whichever, the outcome holds the usage of every call.
 * @throws InvalidOptionError `INVALID_OPTION` on attempts out of range; whatever the schema itself throws.
 */
export async function askModel<Value>(
  generate: GenerateAnswer,
  read: ReadAnswer<Value>,
  options: AskOptions = {},
): Promise<AskOutcome<Value>> {
  const { maxAttempts, budget, signal } = resolveAskOptions(options)
  const attempts: AskAttempt[] = []
  const seen = new Set<string>()
  let failure: LlmFailure | undefined
  const stop = (why: AskStop): AskOutcome<Value> => ({
    ok: false,
    ...why,
    ...(failure === undefined ? {} : { failure }),
    ...facts(attempts),
  })
  for (let attempt = 1; ; attempt++) {
    const feedback = failure === undefined ? {} : { feedback: describeFailure(failure) }
    const called = await call(
      (inner) => generate({ attempt, ...feedback, signal: inner }),
      attempt,
      budget,
      signal,
    )
    if (called.wasSent) attempts.push({ attempt, ...usageOf(called.answer) })
    if (called.stop !== undefined) return stop(called.stop)
    const { answer } = called
    if (answer.isToolCall === true) return stop({ stop: 'tool-call' })
    const outcome = read(answer)
    if (outcome.ok) return { ...outcome, ...facts(attempts) }
    failure = outcome
    attempts.splice(-1, 1, { attempt, code: outcome.code, ...usageOf(answer) })
    const print = createHash('sha256').update(answer.text).digest('base64')
    const next = decideNext({ attempt, maxAttempts, failure, isRepeated: seen.has(print) })
    if (next !== 'again') return stop({ stop: next })
    seen.add(print)
  }
}

type Called =
  | { readonly wasSent: true; readonly answer: ModelAnswer; readonly stop?: undefined }
  | { readonly wasSent: boolean; readonly answer?: ModelAnswer; readonly stop: AskStop }

/** One call, held and settled. What was held is settled even where the call threw or was aborted. */
async function call(
  generate: (signal: AbortSignal) => Promise<ModelAnswer>,
  attempt: number,
  budget: AttemptBudget | undefined,
  signal: AbortSignal,
): Promise<Called> {
  if (signal.aborted) return { wasSent: false, stop: { stop: 'aborted' } }
  let wasSent = false
  let answer: ModelAnswer | undefined
  try {
    const hold = await budget?.hold(attempt, { signal })
    if (budget !== undefined && hold === undefined) return { wasSent, stop: { stop: 'budget' } }
    if (signal.aborted) {
      await hold?.settle({ kind: 'not-sent' })
      return { wasSent, stop: { stop: 'aborted' } }
    }
    wasSent = true
    try {
      answer = requireAnswer(await untilAborted(signal, generate))
    } catch (error) {
      await hold?.settle({ kind: 'failed', error })
      throw error
    }
    await hold?.settle({ kind: 'answered', ...usageOf(answer) })
    return { wasSent, answer }
  } catch (cause) {
    const stop: AskStop =
      signal.aborted && answer === undefined ? { stop: 'aborted' } : { stop: 'failed', cause }
    return { wasSent, stop, ...(answer === undefined ? {} : { answer }) }
  }
}

function requireAnswer(answer: ModelAnswer): ModelAnswer {
  const text: unknown = answer?.text
  if (typeof text !== 'string') throw new InvalidOptionError('answer.text', 'a string', text)
  return answer
}

function usageOf(answer: ModelAnswer | undefined): { readonly usage?: LlmUsage } {
  return answer?.usage === undefined ? {} : { usage: answer.usage }
}

function facts(attempts: readonly AskAttempt[]): Pick<AskOutcome<never>, 'attempts' | 'usage'> {
  return { attempts, usage: sumUsage(attempts.map((one) => one.usage)) }
}
