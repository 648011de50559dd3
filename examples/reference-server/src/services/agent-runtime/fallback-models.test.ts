import { createPriceTable } from '@golden-arch/budget'
import { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { FakeClock } from '@golden-arch/core/time/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openServerDatabase } from '../../testing/server-database.ts'
import { AskingBench } from './testing/asking-bench.ts'
import { answering, BUSY, ScriptedPort } from './testing/scripted-port.ts'
import { tokenBudgetGate } from './token-budget-gate.ts'

/** Micro-units a million tokens: one a token of input, and so on. */
const PRICES = createPriceTable({
  version: 'test',
  effectiveFrom: new Date(0),
  currency: 'USD',
  models: {
    dear: { input: 10_000_000, output: 20_000_000 },
    cheap: { input: 1_000_000, output: 2_000_000 },
  },
})

/** An upper bound alone: what is waited for comes at once on any machine but a very busy one. */
const PATIENCE = { timeout: 60_000, interval: 5 }

let database: Awaited<ReturnType<typeof openServerDatabase>>
let bench: AskingBench

beforeAll(async () => {
  database = await openServerDatabase()
  bench = new AskingBench(database, { prices: PRICES })
})
afterAll(() => database.close())

describe('a chain of models', () => {
  it('passes on to the next where the first gives up, at the price of the one that answers', async () => {
    const question = await bench.question()
    const dear = new ScriptedPort('dear', () => BUSY)
    const cheap = new ScriptedPort('cheap', () => answering('{"n":1}'))
    const reply = await bench.runtime(dear, { fallbacks: [cheap] }).ask(question)
    expect(reply).toMatchObject({ kind: 'value', answeredBy: { model: 'cheap', call: 4 } })
    expect([dear.calls.length, cheap.calls.length]).toEqual([3, 1])
    expect(await bench.cost(question)).toEqual({ used: 100, held: 0, micros: 60n + 2n * 40n })
  })

  it('asks the first alone where it answers', async () => {
    const question = await bench.question()
    const dear = new ScriptedPort('dear', () => answering('{"n":1}'))
    const cheap = new ScriptedPort('cheap', () => BUSY)
    const reply = await bench.runtime(dear, { fallbacks: [cheap] }).ask(question)
    expect(reply).toMatchObject({ kind: 'value', answeredBy: { model: 'dear', call: 1 } })
    expect(cheap.calls).toEqual([])
    expect(await bench.cost(question)).toEqual({ used: 100, held: 0, micros: 10n * 60n + 20n * 40n })
  })

  it('serves from the next while the breaker of the first is open, and from the first once it has recovered', async () => {
    const clock = new FakeClock()
    const breakers = new CircuitBreakerRegistry({ clock, failureThreshold: 3, recoveryTimeoutMs: 1000 })
    let isDown = true
    const dear = new ScriptedPort('dear', () => (isDown ? BUSY : answering('{"n":1}')))
    const cheap = new ScriptedPort('cheap', () => answering('{"n":2}'))
    const runtime = bench.runtime(dear, { fallbacks: [cheap], breakers })
    const ask = async (): Promise<string | undefined> =>
      (await runtime.ask(await bench.question())).answeredBy?.model
    expect(await ask()).toBe('cheap')
    expect(breakers.list()).toMatchObject([
      { name: 'dear', state: { status: 'open' } },
      { name: 'cheap', state: { status: 'closed' } },
    ])
    expect(await ask()).toBe('cheap')
    expect(dear.calls).toHaveLength(3)
    isDown = false
    await clock.advance(1000)
    expect(await ask()).toBe('dear')
    expect(breakers.list('dear')).toMatchObject([{ state: { status: 'closed' } }])
  })

  it('holds nothing and says when to come back while every breaker is open', async () => {
    const clock = new FakeClock()
    const breakers = new CircuitBreakerRegistry({ clock, failureThreshold: 1, recoveryTimeoutMs: 1000 })
    const dear = new ScriptedPort('dear', () => answering('{"n":1}'))
    const runtime = bench.runtime(dear, { breakers })
    breakers.forceOpen('dear', { actor: { id: 'ada', kind: 'human' }, reason: 'held by a test' })
    const held = await bench.question()
    expect(await runtime.ask(held)).toMatchObject({ kind: 'failure', code: 'model-unavailable' })
    breakers.resetAll()
    const failing = new ScriptedPort('failing', () => BUSY)
    const gone = bench.runtime(failing, { breakers, maxBreakerWaitMs: 0 })
    const question = await bench.question()
    expect(await gone.ask(question)).toMatchObject({ code: 'model-unavailable', retryAfterMs: 1000 })
    for (const one of [held, question]) expect(await bench.cost(one)).toMatchObject({ used: 0, held: 0 })
    expect(dear.calls).toEqual([])
    // Where nothing was sent, nothing is in the way of asking again.
    expect(await runtime.ask(held)).toMatchObject({ kind: 'value' })
    expect(await bench.cost(held)).toMatchObject({ used: 100, held: 0 })
  })

  it('waits for a breaker where no other model is left, and holds nothing meanwhile', async () => {
    const clock = new FakeClock()
    const breakers = new CircuitBreakerRegistry({ clock, failureThreshold: 1, recoveryTimeoutMs: 60_000 })
    const port = new ScriptedPort('dear', (_, number) => (number === 1 ? BUSY : answering('{"n":1}')))
    const runtime = bench.runtime(port, { breakers, clock, maxBreakerWaitMs: 3_600_000 })
    const question = await bench.question()
    const ticking = setInterval(() => void clock.advance(100), 1)
    const reply = await runtime.ask(question).finally(() => clearInterval(ticking))
    expect(reply).toMatchObject({ kind: 'value', answeredBy: { model: 'dear' } })
    expect(port.calls).toHaveLength(2)
    expect(await bench.cost(question)).toMatchObject({ used: 100, held: 0 })
    // What a breaker refused is no call that was lost.
    expect((await bench.effects(question)).map(({ state }) => state)).toEqual(['done', 'done'])
    expect(await bench.runtime(port).ask(question)).toMatchObject({ kind: 'value' })
    expect(port.calls).toHaveLength(2)
  })

  it('ends its waiting for a breaker with the asking', async () => {
    const clock = new FakeClock()
    const breakers = new CircuitBreakerRegistry({ clock, failureThreshold: 1 })
    const port = new ScriptedPort('dear', () => BUSY)
    const stop = new AbortController()
    const question = await bench.question({ signal: stop.signal })
    const asked = bench.runtime(port, { breakers }).ask(question)
    await vi.waitFor(() => expect(breakers.list()).toMatchObject([{ state: { status: 'open' } }]), PATIENCE)
    stop.abort()
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await bench.cost(question)).toMatchObject({ used: 0, held: 0 })
  })

  it('does not count what a caller did wrong, or called off, against the service', async () => {
    const breakers = new CircuitBreakerRegistry({ failureThreshold: 1 })
    const stop = new AbortController()
    const port = new ScriptedPort('picky', async (call, number) => {
      if (number === 1) return { kind: 'not-billed', problem: 'HTTP 400', isTransient: false }
      stop.abort()
      call.signal?.throwIfAborted()
      return BUSY
    })
    const runtime = bench.runtime(port, { breakers })
    expect(await runtime.ask(await bench.question())).toMatchObject({ feedback: 'HTTP 400' })
    await expect(runtime.ask(await bench.question({ signal: stop.signal }))).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(port.calls).toHaveLength(2)
    expect(breakers.list()).toMatchObject([{ state: { status: 'closed' } }])
  })

  it('gives up on a model that asks for more patience than there is, and hands the wish on', async () => {
    const patient = new ScriptedPort('patient', () => ({
      kind: 'not-billed',
      problem: 'HTTP 429',
      isTransient: true,
      retryAfterMs: 3_600_000,
    }))
    const reply = await bench.runtime(patient).ask(await bench.question())
    expect(reply).toMatchObject({ code: 'model-unavailable', retryAfterMs: 3_600_000 })
    expect(patient.calls).toHaveLength(1)
  })

  it('gives back what was held for a call that was called off while it waited for its place', async () => {
    const question = await bench.question()
    let release = (): void => undefined
    const narrow = new ScriptedPort('narrow', async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return answering('{"n":1}')
    })
    const runtime = bench.runtime(narrow, { maxConcurrent: 1 })
    const first = runtime.ask(await bench.question())
    await vi.waitFor(() => expect(narrow.calls).toHaveLength(1), PATIENCE)
    const stop = new AbortController()
    const second = runtime.ask({ ...question, signal: stop.signal })
    await vi.waitFor(async () => expect((await bench.cost(question)).held).toBe(4000), PATIENCE)
    stop.abort()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await bench.cost(question)).toMatchObject({ used: 0, held: 0 })
    release()
    expect(await first).toMatchObject({ kind: 'value' })
    expect(narrow.calls).toHaveLength(1)
  })

  it('takes up after a crash what the first model did before it, and does not ask it again', async () => {
    const question = await bench.question()
    const dear = new ScriptedPort('dear', () => BUSY)
    const dying = new ScriptedPort('cheap', () => {
      throw new Error('the process dies')
    })
    await expect(bench.runtime(dear, { fallbacks: [dying] }).ask(question)).rejects.toThrow('dies')
    const cheap = new ScriptedPort('cheap', () => answering('{"n":1}'))
    const reply = await bench.runtime(dear, { fallbacks: [cheap] }).ask(question)
    expect(reply).toMatchObject({ answeredBy: { model: 'cheap', call: 5 } })
    expect(dear.calls).toHaveLength(3)
  })

  it('refuses two models of one name', () => {
    const one = new ScriptedPort('same', () => BUSY)
    expect(() => bench.runtime(one, { fallbacks: [one] })).toThrow(/fallbacks/)
  })
})

describe('the bill of a model call', () => {
  it('is what was held where the usage stays unknown, in money too', async () => {
    const question = await bench.question()
    const { usage: _parts, ...untold } = answering('{"n":1}', { totalTokens: null })
    const port = new ScriptedPort('cheap', () => untold)
    await bench.runtime(port).ask(question)
    expect(await bench.cost(question)).toEqual({ used: 4000, held: 0, micros: 8000n })
  })

  it('is what a broken answer names, and what was held for one that names nothing', async () => {
    const question = await bench.question()
    const port = new ScriptedPort('cheap', (_, number) => {
      if (number === 1) return { kind: 'unknown', problem: 'cut' }
      return number === 2
        ? { kind: 'unknown', problem: 'not a chat completion', totalTokens: 9 }
        : answering('{"n":1}')
    })
    expect(await bench.runtime(port).ask(question)).toMatchObject({ kind: 'value', answeredBy: { call: 3 } })
    expect((await bench.cost(question)).used).toBe(4000 + 9 + 100)
  })

  it('is paid for a refusal, which is not asked again', async () => {
    const question = await bench.question({ maxReAsks: 5 })
    const port = new ScriptedPort('cheap', () => answering('', { refusal: 'no' }))
    expect(await bench.runtime(port).ask(question)).toMatchObject({
      kind: 'failure',
      code: 'refused',
      isRemediable: false,
    })
    expect(port.calls).toHaveLength(1)
    expect(await bench.cost(question)).toMatchObject({ used: 100, held: 0 })
  })

  it('is paid as estimated for a call that took too long', async () => {
    const question = await bench.question()
    const clock = new FakeClock()
    const port = new ScriptedPort('cheap', (call, number) => {
      if (number > 1) return answering('{"n":1}')
      return new Promise((_, reject) =>
        call.signal?.addEventListener('abort', () => reject(call.signal?.reason), { once: true }),
      )
    })
    const asked = bench.runtime(port, { timeoutMs: 3_600_000, clock }).ask(question)
    await vi.waitFor(() => expect(port.calls).toHaveLength(1), PATIENCE)
    await clock.advance(3_600_000)
    // The pause before the second call, by a clock that moves on only here.
    const pausing = setInterval(() => void clock.advance(1), 1)
    expect(await asked.finally(() => clearInterval(pausing))).toMatchObject({ kind: 'value' })
    expect(await bench.cost(question)).toMatchObject({ used: 4100, held: 0 })
    const [first] = await bench.effects(question)
    expect(first?.result).toMatchObject({ kind: 'unknown', problem: 'no result within 3600000 ms' })
  })
})

describe('a call that is over', () => {
  it('is heard no more, whatever its model still says', async () => {
    const heard: string[] = []
    const question = await bench.question({ onText: ({ text }) => heard.push(text) })
    const port = new ScriptedPort('cheap', (call, number) => {
      call.onText?.(`piece ${number}`)
      return number === 1 ? BUSY : answering('{"n":1}')
    })
    await bench.runtime(port).ask(question)
    for (const call of port.calls) call.onText?.('late')
    expect(heard).toEqual(['piece 1', 'piece 2'])
  })

  it('is not begun once the asking has ended, and its hold goes back', async () => {
    const stop = new AbortController()
    const question = await bench.question({ signal: stop.signal })
    const gate = tokenBudgetGate(bench.budgets())
    let requests = 0
    const port = new ScriptedPort('cheap', () => BUSY)
    const runtime = bench.runtime(port, {
      budget: {
        ...gate,
        request: async (asked) => {
          const answer = await gate.request(asked)
          if (++requests === 2) stop.abort()
          return answer
        },
      },
    })
    await expect(runtime.ask(question)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(requests).toBe(2)
    expect(port.calls).toHaveLength(1)
    expect(await bench.effects(question)).toMatchObject([{ state: 'done' }])
    expect(await bench.cost(question)).toMatchObject({ used: 0, held: 0 })
  })
})

describe('asking again', () => {
  it('tells the model what was wrong, never what it said, and pays each call', async () => {
    const question = await bench.question({ maxReAsks: 2 })
    const port = new ScriptedPort('cheap', (_, number) => answering(number === 1 ? '{"n":"x"}' : '{"n":1}'))
    expect(await bench.runtime(port).ask(question)).toMatchObject({ kind: 'value', answeredBy: { call: 2 } })
    const again = port.calls[1]?.messages ?? []
    expect(again).toHaveLength(2)
    expect(again[1]?.content).toContain('The last answer was refused')
    expect(JSON.stringify(again)).not.toContain('"x"')
    expect(await bench.cost(question)).toMatchObject({ used: 200, held: 0 })
  })

  it('ends where it is told to, and at an answer that was refused before', async () => {
    const same = new ScriptedPort('cheap', () => answering('none'))
    expect(await bench.runtime(same).ask(await bench.question({ maxReAsks: 5 }))).toMatchObject({
      kind: 'failure',
      isRemediable: true,
    })
    expect(same.calls).toHaveLength(2)
    const another = new ScriptedPort('cheap', (_, number) => answering(`none ${number}`))
    await bench.runtime(another).ask(await bench.question({ maxReAsks: 2 }))
    expect(another.calls).toHaveLength(3)
  })

  it('is not done by itself: the task decides', async () => {
    const port = new ScriptedPort('cheap', () => answering('none'))
    expect(await bench.runtime(port).ask(await bench.question())).toMatchObject({ isRemediable: true })
    expect(port.calls).toHaveLength(1)
  })
})
