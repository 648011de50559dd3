import { describe, expect, it } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import type { BudgetLease } from '../leases/budget-lease.ts'
import { resolveUsage } from '../pricing/usage.ts'
import { ScriptedLedger } from '../testing/scripted-ledger.ts'
import { runStreamedCall, type UsageMeter } from './streamed-call.ts'

const NO_TIMER = { now: () => new Date(0), schedule: () => ({ cancel: () => {} }) }

// Nothing reads the request nor more of the clock.
const SURROUNDINGS = { request: {}, clock: NO_TIMER } as unknown as Pick<
  Parameters<typeof runStreamedCall>[0],
  'request' | 'clock'
>

/** A stream of one item that goes on, or ends where it is to be committed; its hold, and whether that was settled. */
async function begin(meter: UsageMeter<string>, commit?: () => Promise<void>) {
  const caller = new AbortController()
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>()
  const budget = {
    async withBudget<T>(_request: unknown, run: (lease: BudgetLease) => Promise<T>): Promise<T> {
      const lease = { signal: caller.signal, reportUsage: resolveUsage, reportNotSent: () => {} }
      try {
        // No more of a lease is used here.
        const answer = await run(lease as unknown as BudgetLease)
        await commit?.()
        return answer
      } finally {
        settle()
      }
    },
  }
  let signal: AbortSignal | undefined
  let isSourceLeft = false
  const stream = new ReadableStream<string>({
    start: (controller) => {
      controller.enqueue('one')
      if (commit !== undefined) controller.close()
    },
    cancel: () => {
      isSourceLeft = true
    },
  })
  const answer = await runStreamedCall({ budget, maxCallMs: 1000, ...SURROUNDINGS }, async (_lease, own) => {
    signal = own
    return { streamed: { stream, meter, with: (watched) => watched } }
  })
  return { caller, settled, reader: answer.getReader(), signal, isSourceLeft: () => isSourceLeft }
}

describe('a streamed call', () => {
  const tooMuch = Number.MAX_SAFE_INTEGER
  const meters = {
    usage: () => ({ inputTokens: tooMuch, outputTokens: tooMuch }),
    nothing: () => undefined,
  }

  it('is not made, and costs nothing, where its caller gave up while the hold was made', async () => {
    const gone = new Error('the caller has gone')
    const told: string[] = []
    const budget = {
      async withBudget<T>(_request: unknown, run: (lease: BudgetLease) => Promise<T>): Promise<T> {
        const lease = { signal: AbortSignal.abort(gone), reportNotSent: () => told.push('not sent') }
        // No more of a lease is used here.
        return run(lease as unknown as BudgetLease)
      },
    }
    const call = runStreamedCall({ budget, maxCallMs: 1000, ...SURROUNDINGS }, async () => {
      told.push('called')
      return { whole: 'an answer' }
    })
    await expect(call).rejects.toBe(gone)
    expect(told).toEqual(['not sent'])
  })

  it('gives back what was on its way to be held when its caller gave up', async () => {
    const ledger = new ScriptedLedger()
    const gate = Promise.withResolvers<void>()
    ledger.fate = () => (ledger.batches.length === 1 ? gate.promise : undefined)
    const sent = async (count: number): Promise<void> => {
      while (ledger.batches.length < count) await new Promise((resolve) => setImmediate(resolve))
    }
    const budget = new BudgetController({ database: ledger, laneCount: 1 })
    const caller = new AbortController()
    const request = { requestId: 'r1', tenantId: 't', projectId: 'p', tokens: 10 }
    const options = { ...SURROUNDINGS, budget, request, maxCallMs: 1000, signal: caller.signal }
    const call = runStreamedCall(options, () => expect.unreachable('the model was asked'))
    await sent(1)
    caller.abort()
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    gate.resolve()
    await sent(2)
    expect(ledger.batches).toEqual([
      { requests: ['r1'], resolutions: [] },
      { requests: [], resolutions: ['r1'] },
    ])
  })

  it('is settled where its usage makes no sense, and whoever gave up hears of no error', async () => {
    const { caller, settled, reader } = await begin({ push: () => {}, end: meters.usage })
    await reader.read()
    caller.abort()
    await settled
  })

  it('is settled where what it sends cannot be read, and its source is let go of', async () => {
    const unreadable = () => {
      throw new Error('unreadable')
    }
    const { settled, reader, isSourceLeft } = await begin({ push: unreadable, end: meters.nothing })
    await expect(reader.read()).rejects.toThrow('unreadable')
    await settled
    expect(isSourceLeft()).toBe(true)
  })

  it('fails at its end where the hold cannot be settled', async () => {
    const gone = () => Promise.reject(new Error('gone meanwhile'))
    const { reader } = await begin({ push: () => {}, end: meters.nothing }, gone)
    expect(await reader.read()).toMatchObject({ value: 'one' })
    await expect(reader.read()).rejects.toThrow('gone meanwhile')
  })

  it('listens to no signal once it is over', async () => {
    let ends = 0
    const end = () => {
      ends++
      return undefined
    }
    const removed: string[] = []
    const original = AbortSignal.prototype.removeEventListener
    const { settled, reader, signal } = await begin({ push: () => {}, end })
    if (signal === undefined) throw new Error('the call did not begin')
    signal.removeEventListener = (...given: Parameters<typeof original>) => {
      removed.push(given[0])
      original.apply(signal, given)
    }
    await reader.cancel()
    await settled
    expect(ends).toBe(1)
    expect(removed).toEqual(['abort'])
  })
})
