import { describeWithService } from '@golden-arch/testkit'
import { describe, inject } from 'vitest'
import { reasonOf } from '../../internal/testkit/src/service-error.ts'
import { findPostgresWithClients } from '../../internal/testkit/src/services/start-postgres-with-clients.ts'
import type {} from '../../internal/testkit/src/vitest/provided-services.ts'

/** Why the scripts cannot be run here; undefined where they can. */
const missing = await whyMissing()

/**
 * A suite that starts a PostgreSQL with its client programs, and runs scripts that are written for Linux. Where there is no
 * such PostgreSQL it is skipped with the reason in its title, and under CI (`CI=true`) it fails.
 */
export function describeWithClients(title: string, define: () => void): void {
  describeWithService('postgres', title, () => {
    if (missing === undefined || process.env.CI === 'true') define()
    else describe.skip(`left out: ${missing}`, define)
  })
}

async function whyMissing(): Promise<string | undefined> {
  if (inject('services').postgres.state !== 'running') return undefined
  if (process.platform !== 'linux') return 'the scripts are for Linux'
  try {
    await findPostgresWithClients()
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}
