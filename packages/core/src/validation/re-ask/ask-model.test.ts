import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LlmValidator } from '../llm-validator.ts'
import { askModel } from './ask-model.ts'
import type { ModelAnswer, ModelAttempt } from './ask-options.ts'
import type { AttemptBudget, AttemptEnd } from './attempt-budget.ts'

const validator = new LlmValidator({ schema: z.object({ n: z.number() }) })
const read = (answer: ModelAnswer) => validator.parse(answer.text, answer)
const usage = { inputTokens: 10, outputTokens: 5 }

/** A model that gives these answers in turn, and throws what is an error. */
class ScriptedModel {
  readonly asked: ModelAttempt[] = []
  readonly #answers: readonly (string | Error | ModelAnswer)[]

  constructor(...answers: readonly (string | Error | ModelAnswer)[]) {
    this.#answers = answers
  }

  readonly generate = async (attempt: ModelAttempt): Promise<ModelAnswer> => {
    this.asked.push(attempt)
    const answer = this.#answers[this.asked.length - 1] ?? new Error('asked too often')
    if (answer instanceof Error) throw answer
    return typeof answer === 'string' ? { text: answer, usage } : answer
  }
}

/** A budget with room for so many calls. */
class CountingBudget implements AttemptBudget {
  readonly ends: AttemptEnd[] = []
  #room: number

  constructor(room: number) {
    this.#room = room
  }

  async hold(): Promise<{ settle(end: AttemptEnd): Promise<void> } | undefined> {
    if (this.#room-- <= 0) return undefined
    return {
      settle: async (end) => {
        this.ends.push(end)
      },
    }
  }
}

describe('askModel', () => {
  it('asks again with what was wrong, and gives the usage of all calls', async () => {
    const model = new ScriptedModel('{"n":"SECRET"}', 'no JSON', '{"n":3}')
    const outcome = await askModel(model.generate, read)
    expect(outcome).toMatchObject({
      ok: true,
      value: { n: 3 },
      attempts: [
        { attempt: 1, code: 'SCHEMA_MISMATCH', usage },
        { attempt: 2, code: 'NO_JSON', usage },
        { attempt: 3, usage },
      ],
      usage: { inputTokens: 30, outputTokens: 15, unknownCalls: 0 },
    })
    const [first, second, third] = model.asked
    expect(first).not.toHaveProperty('feedback')
    expect(second?.feedback).toContain('$.n: expected number')
    expect(second?.feedback).not.toContain('SECRET')
    expect(third?.feedback).toContain('holds no JSON')
  })

  it('stops when the attempts are used up, and tells the last fault', async () => {
    const model = new ScriptedModel('a', 'b', '{"n":')
    const outcome = await askModel(model.generate, read, { maxAttempts: 3 })
    expect(outcome).toMatchObject({ ok: false, stop: 'attempts', failure: { code: 'TRUNCATED' } })
    expect(outcome.usage.inputTokens).toBe(30)
    expect(model.asked).toHaveLength(3)
  })

  it('stops at an answer that was refused before, even if not right before', async () => {
    const model = new ScriptedModel('a', 'b', 'a', '{"n":1}')
    expect(await askModel(model.generate, read, { maxAttempts: 5 })).toMatchObject({ stop: 'same-answer' })
    expect(model.asked).toHaveLength(3)
  })

  it('does not press a model that declined', async () => {
    const model = new ScriptedModel({ text: '', refusal: 'I cannot help with that' }, '{"n":1}')
    const outcome = await askModel(model.generate, read)
    expect(outcome).toMatchObject({ stop: 'refused', usage: { unknownCalls: 1 } })
    expect(model.asked).toHaveLength(1)
  })

  it('reads nothing where the model called a tool, and asks no more', async () => {
    const budget = new CountingBudget(3)
    const model = new ScriptedModel('a', { text: '{"n":1}', isToolCall: true, usage }, '{"n":2}')
    const outcome = await askModel(model.generate, read, { budget })
    expect(outcome).toMatchObject({ ok: false, stop: 'tool-call', usage: { inputTokens: 20 } })
    expect(model.asked).toHaveLength(2)
    expect(budget.ends).toHaveLength(2)
  })

  it('stops when the budget has no room, and settles each call once', async () => {
    const budget = new CountingBudget(2)
    const model = new ScriptedModel('a', 'b', '{"n":1}')
    const outcome = await askModel(model.generate, read, { budget })
    expect(outcome).toMatchObject({ ok: false, stop: 'budget', failure: { code: 'NO_JSON' } })
    expect(outcome.attempts).toHaveLength(2)
    expect(budget.ends).toEqual([
      { kind: 'answered', usage },
      { kind: 'answered', usage },
    ])
  })

  it('asks nobody where there is no room at all', async () => {
    const model = new ScriptedModel('{"n":1}')
    const outcome = await askModel(model.generate, read, { budget: new CountingBudget(0) })
    expect(outcome).toMatchObject({ ok: false, stop: 'budget', attempts: [] })
    expect(outcome).not.toHaveProperty('failure')
    expect(model.asked).toHaveLength(0)
  })

  it('settles a call that threw, and keeps the usage of those before', async () => {
    const budget = new CountingBudget(3)
    const error = new Error('connection lost')
    const outcome = await askModel(new ScriptedModel('a', error).generate, read, { budget })
    expect(outcome).toMatchObject({ ok: false, stop: 'failed', cause: error })
    expect(outcome.usage).toMatchObject({ inputTokens: 10, unknownCalls: 1 })
    expect(budget.ends).toEqual([
      { kind: 'answered', usage },
      { kind: 'failed', error },
    ])
  })

  it('gives no value whose call could not be paid for', async () => {
    const cause = new Error('ledger down')
    const budget: AttemptBudget = { hold: async () => ({ settle: () => Promise.reject(cause) }) }
    const outcome = await askModel(new ScriptedModel('{"n":1}').generate, read, { budget })
    expect(outcome).toMatchObject({ ok: false, stop: 'failed', cause, usage: { inputTokens: 10 } })
  })

  it('tells that a call could not be paid for even where the caller went away meanwhile', async () => {
    const caller = new AbortController()
    const cause = new Error('ledger down')
    const settle = (): Promise<void> => {
      caller.abort()
      return Promise.reject(cause)
    }
    const model = new ScriptedModel('{"n":1}')
    const budget: AttemptBudget = { hold: async () => ({ settle }) }
    const outcome = await askModel(model.generate, read, { budget, signal: caller.signal })
    expect(outcome).toMatchObject({ ok: false, stop: 'failed', cause, usage: { inputTokens: 10 } })
  })

  it('stops waiting for a call that does not heed the signal, and settles it', async () => {
    const caller = new AbortController()
    const budget = new CountingBudget(1)
    const asking = askModel(
      () => {
        caller.abort()
        return new Promise<never>(() => {})
      },
      read,
      { budget, signal: caller.signal },
    )
    expect(await asking).toMatchObject({ ok: false, stop: 'aborted', usage: { unknownCalls: 1 } })
    expect(budget.ends).toMatchObject([{ kind: 'failed' }])
  })

  it('gives a hold back where the caller went away while it was made', async () => {
    const caller = new AbortController()
    const budget = new CountingBudget(1)
    const slow: AttemptBudget = {
      hold: async () => {
        caller.abort()
        return budget.hold()
      },
    }
    const model = new ScriptedModel('{"n":1}')
    const outcome = await askModel(model.generate, read, { budget: slow, signal: caller.signal })
    expect(outcome).toMatchObject({ ok: false, stop: 'aborted', attempts: [] })
    expect(budget.ends).toEqual([{ kind: 'not-sent' }])
    expect(model.asked).toHaveLength(0)
  })

  it('asks nothing for a caller that is gone already', async () => {
    const budget = new CountingBudget(1)
    const outcome = await askModel(new ScriptedModel('{"n":1}').generate, read, {
      budget,
      signal: AbortSignal.abort(),
    })
    expect(outcome).toMatchObject({ ok: false, stop: 'aborted', attempts: [] })
    expect(budget.ends).toEqual([])
  })

  it.each([0, 21, 1.5])('refuses %s attempts', async (maxAttempts) => {
    await expect(askModel(async () => ({ text: '' }), read, { maxAttempts })).rejects.toThrow('maxAttempts')
  })
})
