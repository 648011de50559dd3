import type { SqlDatabase } from '@golden-arch/core/storage'
import type { PromptsInForce, PromptUpdates } from '../ports/prompt-updates.ts'

/** What a supervisor works with. */
export interface World {
  readonly database: SqlDatabase
  readonly prompts: PromptUpdates
  readonly inForce: PromptsInForce
}

/**
 * The world as `world`, until the answer to call number `last` that can change something, a transaction or a call of
 * learning governance: `die` comes in its place. What was committed stays. Dying before a call, or amid reading, leaves
 * what dying after the change before it leaves, so that the numbers from 1 on are all the places where one can die.
 */
export function dyingWorld(world: World, last: number, die: () => Promise<never>): World {
  let count = 0
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    count++
    const isLast = count === last
    if (count > last) return die()
    const answer = await run()
    return isLast ? die() : answer
  }
  const { database, prompts, inForce } = world
  return {
    database: {
      capabilities: database.capabilities,
      query: (text, values, options) => database.query(text, values, options),
      script: (text) => call(() => database.script(text)),
      transaction: (run, options) => call(() => database.transaction(run, options)),
      session: (run) => call(() => database.session(run)),
    },
    prompts: {
      propose: (proposal, options) => call(() => prompts.propose(proposal, options)),
      rollback: (rollback, options) => call(() => prompts.rollback(rollback, options)),
    },
    inForce,
  }
}
