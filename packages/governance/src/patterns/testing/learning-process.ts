/**
 * A process that learns and dies by SIGKILL: `node learning-process.ts <settings as JSON>`. It runs one round of learning
 * for a tenant and kills itself in place of the answer to a call; where the round makes no such call, it ends.
 */

import { PgDatabase } from '@golden-arch/core/storage'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { FailureHistory } from '../failure-history.ts'
import { dyingWorld } from './dying-world.ts'
import { patternScene } from './pattern-scene.ts'

/** What the process is told. */
export interface LearningSettings {
  readonly pool: SchemaPoolConfig
  readonly tenantId: string
  /** Number of the call in place of whose answer it dies. */
  readonly last: number
}

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

const settings: LearningSettings = JSON.parse(process.argv[2] ?? '')
const pool = new pg.Pool({ ...settings.pool, max: 4 })
const scene = await patternScene(new PgDatabase({ pool }))
const { database, governor: prompts, registry: inForce } = scene
const world = dyingWorld({ database, prompts, inForce }, settings.last, die)
const history = new FailureHistory({ database: world.database })
await scene.supervisor({ ...world, history }).runOnce({ tenantId: settings.tenantId })
await pool.end()
