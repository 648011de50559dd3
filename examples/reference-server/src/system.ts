import { assembleCodingWork, type CodingWork, type CodingWorkOptions } from './coding-work.ts'
import { auditBudgetEvents } from './services/budget-audit.ts'
import {
  assembleSharedParts,
  MESSAGE_LEASE_MS,
  type SharedParts,
  type SharedPartsOptions,
} from './shared-parts.ts'

/** What a system is assembled from. */
export interface SystemOptions extends SharedPartsOptions, CodingWorkOptions {
  /** Whether events leave the outbox. Default true. */
  readonly relaysEvents?: boolean
}

/** The packages assembled: the whole path of a coding task, in one process. */
export interface System extends SharedParts, CodingWork {
  /** Runs the relay, and what listens to its events, until the signal fires. */
  relayEvents(signal: AbortSignal): Promise<void>
}

/** Assembles the packages on a database whose schema is up to date. Close the database after it. */
export async function assembleSystem(options: SystemOptions): Promise<System> {
  const parts = await assembleSharedParts(options)
  return {
    ...parts,
    ...assembleCodingWork(parts, options),
    relayEvents: async (signal) => {
      if (options.relaysEvents === false) return
      await Promise.all([
        parts.relay.run({ signal }),
        auditBudgetEvents({ ...parts, leaseMs: MESSAGE_LEASE_MS }, signal),
        parts.deadLetters.run({ signal }),
      ])
    },
  }
}
