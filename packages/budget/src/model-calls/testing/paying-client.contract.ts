import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import { openPglite, type TestDatabase } from '../../testing/budget-databases.ts'
import type { CallHoldOptions } from '../call-hold-options.ts'
import type { Dialect } from './dialects.ts'
import { json, ScriptedProvider } from './scripted-provider.ts'

/** A client library whose calls are paid for. */
export interface PayingClient {
  /** Of what the provider sends. */
  readonly dialect: Dialect
  /** The text of an answer, or its call of a tool. */
  ask(call: PaidLibraryCall): Promise<string>
  stream(call: PaidLibraryCall): Promise<string>
}

/** A call, and what pays for it. */
export interface PaidLibraryCall {
  readonly url: string
  readonly holds: Pick<CallHoldOptions<unknown>, 'budget' | 'scope'>
  readonly maxTokens: number
  readonly signal?: AbortSignal
}

const LIMIT = 10_000
const MAX_TOKENS = 100

/** What holds for each client library whose calls are paid for. */
export function describePayingClient(name: string, { dialect, ask, stream }: PayingClient): void {
  describe(name, () => {
    let database: TestDatabase
    let provider: ScriptedProvider
    let budgets: BudgetController
    let projects = 0
    let scope: { readonly tenantId: string; readonly projectId: string }

    beforeAll(async () => {
      database = await openPglite()
      budgets = new BudgetController({ database: database.database })
    })
    afterAll(() => database.close())

    beforeEach(async () => {
      provider = await ScriptedProvider.start()
      scope = { tenantId: 't', projectId: `p${projects++}` }
      await budgets.setLimit({ scope, limitTokens: LIMIT, actor: { id: 'alice', kind: 'human' } })
    })
    afterEach(() => provider.stop())

    const callOf = (more: Partial<PaidLibraryCall> = {}): PaidLibraryCall => ({
      url: provider.url,
      holds: { budget: budgets, scope },
      maxTokens: MAX_TOKENS,
      ...more,
    })

    async function books(): Promise<{ readonly used: number; readonly held: number }> {
      expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
      const { usedTokens, reservedTokens } = await budgets.state(scope)
      return { used: usedTokens, held: reservedTokens }
    }

    it('asks and is charged to the token', async () => {
      provider.answer(dialect.text)
      expect(await ask(callOf())).toBe('Hello there')
      expect(await books()).toEqual({ used: 27, held: 0 })
    })

    it('calls a tool and is charged to the token', async () => {
      provider.answer(dialect.toolCall)
      expect(await ask(callOf())).toContain('look')
      expect(await books()).toEqual({ used: 27, held: 0 })
    })

    it('streams and is charged to the token', async () => {
      provider.answer(dialect.stream)
      expect(await stream(callOf())).toBe('Hello there')
      expect(await books()).toEqual({ used: 27, held: 0 })
    })

    it('sees a stream break off, and is charged what was held', async () => {
      provider.answer(dialect.cutStream)
      await expect(stream(callOf())).rejects.toThrow()
      const { used, held } = await books()
      expect(held).toBe(0)
      expect(used).toBeGreaterThan(MAX_TOKENS)
    })

    it('sees a 429 as its own, and is charged nothing', async () => {
      provider.answer(json({ error: { type: 'rate_limit_error', message: 'slow down' } }, 429))
      await expect(ask(callOf())).rejects.toThrow('slow down')
      expect(await books()).toEqual({ used: 0, held: 0 })
    })

    it('is told that the budget has no room, with no call made and none repeated', async () => {
      const call = callOf({ maxTokens: LIMIT })
      await expect(ask(call)).rejects.toThrow(/402|has no room/)
      await expect(stream(call)).rejects.toThrow(/402|has no room/)
      expect(provider.calls).toEqual([])
      expect(await books()).toEqual({ used: 0, held: 0 })
    })

    it('gives up with its caller, and what was held is settled', async () => {
      const caller = new AbortController()
      provider.answer(() => caller.abort())
      await expect(ask(callOf({ signal: caller.signal }))).rejects.toThrow(/abort/i)
      const { used, held } = await books()
      expect(held).toBe(0)
      expect(used).toBeGreaterThan(MAX_TOKENS)
    })
  })
}
