import { expect } from 'vitest'
import type { PatternScene } from './pattern-scene.ts'

/** A pattern is about to be proposed, or to be rolled back. */
export type DeathScene = 'proposing' | 'rolling-back'

/** Makes it so that a round of learning has that to do. */
export async function prepareDeath(scene: PatternScene, tenantId: string, what: DeathScene): Promise<void> {
  await scene.seed(tenantId)
  await scene.fail({ tenantId, count: 40, minutesAgo: 60 })
  if (what === 'proposing') return
  await scene.supervisor().runOnce({ tenantId })
  await scene.fail({ tenantId, count: 20, failed: 15 })
  scene.alerts.length = 0
}

/** Lets others go on where one died, and looks that all was done, and all of it once. */
export async function checkAfterDeath(
  scene: PatternScene,
  tenantId: string,
  what: DeathScene,
  where: string,
): Promise<void> {
  await scene.ageClaims(tenantId)
  await scene.supervisor().runOnce({ tenantId })
  await scene.supervisor().runOnce({ tenantId })
  const { items } = await scene.supervisor().list({ tenantId })
  const changes = await scene.changes(tenantId)
  const written = await scene.written(tenantId)
  const applied = { 'event pattern.applied': 1, 'audit pattern.apply allowed': 1 }
  if (what === 'proposing') {
    expect(changes, where).toEqual(['seed applied ->1', 'update applied 1>2'])
    expect(written, where).toEqual(applied)
    expect(items, where).toMatchObject([{ status: 'applied', generation: 0 }])
    return
  }
  expect(changes, where).toEqual(['seed applied ->1', 'update applied 1>2', 'rollback applied 2>1'])
  expect(written, where).toEqual({
    ...applied,
    'event pattern.measured': 1,
    'event pattern.rolledBack': 1,
    'audit pattern.measure allowed': 1,
    'audit pattern.rollBack allowed': 1,
  })
  expect(items, where).toMatchObject([{ status: 'blocked', blockReason: 'harmful' }])
  expect(scene.alerts.length, where).toBeLessThanOrEqual(1)
}
