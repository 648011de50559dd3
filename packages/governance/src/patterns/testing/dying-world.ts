import type { SqlDatabase } from '@golden-arch/core/storage'
import type { PromptsInForce, PromptUpdates } from '../ports/prompt-updates.ts'

/** What a supervisor works with. */
export interface World {
  readonly database: SqlDatabase
  readonly prompts: PromptUpdates
  readonly inForce: PromptsInForce
}

/** A world that ends at one of the calls made of it. */
export interface DyingWorld extends World {
  /** Calls made so far. */
  calls(): number
}

/**
 * The world as `world`, until call number `last` of all statements, transactions and calls of learning governance: that
 * one is not made, or made without its answer being heard, and no further one is made. As for a process that dies there,
 * what was committed stays and all else is gone.
 */
export function dyingWorld(world: World, last: number, how: 'before' | 'after'): DyingWorld {
  let count = 0
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    count++
    if (count > last || (count === last && how === 'before')) throw new Error('dead')
    const answer = await run()
    if (count === last) throw new Error('dead')
    return answer
  }
  const { database, prompts, inForce } = world
  return {
    calls: () => count,
    database: {
      capabilities: database.capabilities,
      query: (text, values, options) => call(() => database.query(text, values, options)),
      script: (text) => call(() => database.script(text)),
      transaction: (run, options) => call(() => database.transaction(run, options)),
      session: (run) => call(() => database.session(run)),
    },
    prompts: {
      propose: (proposal, options) => call(() => prompts.propose(proposal, options)),
      rollback: (rollback, options) => call(() => prompts.rollback(rollback, options)),
    },
    inForce: { current: (role) => call(() => inForce.current(role)) },
  }
}
