import { describe, expect, it } from 'vitest'
import { isOrphanedControlGroup, newControlGroupName } from './control-group-owner.ts'

const SELF = { namespace: '4026531836', pid: 10, pidStart: '500' }
const startOf = (pid: number): string | undefined => ({ 10: '500', 11: '600' })[pid]
const isOrphan = (name: string): boolean => isOrphanedControlGroup(name, SELF.namespace, startOf)

describe('a control group', () => {
  it('is no orphan while its owner lives', () => {
    expect(isOrphan(newControlGroupName(SELF))).toBe(false)
    expect(isOrphan(newControlGroupName({ ...SELF, pid: 11, pidStart: '600' }))).toBe(false)
  })

  it('is an orphan once its owner is gone, or another process has got its id', () => {
    expect(isOrphan(newControlGroupName({ ...SELF, pid: 12, pidStart: '600' }))).toBe(true)
    expect(isOrphan(newControlGroupName({ ...SELF, pid: 11, pidStart: '599' }))).toBe(true)
  })

  it('is left alone where its owner cannot be looked at, or it is none of ours', () => {
    expect(isOrphan(newControlGroupName({ ...SELF, namespace: '1', pid: 12 }))).toBe(false)
    for (const name of ['docker', 'golden-arch-sandbox', 'golden-arch-sandbox.4026531836.12.1.a.b', '']) {
      expect(isOrphan(name)).toBe(false)
    }
  })
})
