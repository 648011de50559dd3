import { PatternSupervisor } from '@golden-arch/governance/patterns'
import type { Governance } from '../../assemble-governance.ts'
import type { ServerContext } from '../../server-context.ts'
import { TAUGHT_FIXES } from './taught-fixes.ts'

/** Learns from the failures of each tenant, from time to time, until the signal fires. */
export async function learnPatterns(
  context: Pick<ServerContext, 'database' | 'outbox' | 'audit' | 'alerts' | 'logger'>,
  { governor, prompts }: Pick<Governance, 'governor' | 'prompts'>,
  signal: AbortSignal,
): Promise<void> {
  const { database, outbox, audit, alerts, logger } = context
  const supervisor = new PatternSupervisor({
    ...{ database, outbox, audit, alerts, logger },
    prompts: governor,
    inForce: prompts,
    fixes: TAUGHT_FIXES,
  })
  await supervisor.run({ signal })
}
