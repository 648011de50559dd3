import { describe, expect, it } from 'vitest'
import { isOrphan, newContainerOwner, type OrphanFacts, ownerLabels } from './container-owner.ts'

const OTHER = { id: 'other', host: 'host', pid: 42, pidStart: '1000' }
const SELF = { id: 'self', host: 'host', pid: 43, pidStart: '2000' }
const labels = ownerLabels(OTHER, 10_000, 60_000)
const facts = (more: Partial<OrphanFacts> = {}): OrphanFacts => ({
  self: SELF,
  nowMs: 20_000,
  isKnown: false,
  graceMs: 5000,
  processStart: () => '1000',
  ...more,
})

describe('isOrphan', () => {
  it('keeps the container of a process that lives', () => {
    expect(isOrphan(labels, facts())).toBe(false)
  })

  it('finds the container of a process that is gone, or whose number another one has', () => {
    expect(isOrphan(labels, facts({ processStart: () => undefined }))).toBe(true)
    expect(isOrphan(labels, facts({ processStart: () => '1001' }))).toBe(true)
  })

  it('keeps what it cannot look at, until the deadline', () => {
    const gone = { processStart: () => undefined }
    const elsewhere = ownerLabels({ ...OTHER, host: 'another' }, 10_000, 60_000)
    const unknownStart = ownerLabels({ ...OTHER, pidStart: '' }, 10_000, 60_000)
    for (const each of [elsewhere, unknownStart]) {
      expect(isOrphan(each, facts({ ...gone, nowMs: 70_000 }))).toBe(false)
      expect(isOrphan(each, facts({ ...gone, nowMs: 70_001 }))).toBe(true)
    }
  })

  it('finds one of its own that it does not know, once the answer of the engine cannot be on its way any more', () => {
    const own = ownerLabels(SELF, 10_000, 60_000)
    expect(isOrphan(own, facts({ nowMs: 15_000 }))).toBe(false)
    expect(isOrphan(own, facts({ nowMs: 15_001 }))).toBe(true)
    expect(isOrphan(own, facts({ nowMs: 99_999, isKnown: true }))).toBe(false)
  })

  it('keeps a container whose labels say nothing', () => {
    expect(isOrphan({}, facts())).toBe(false)
  })

  it('knows this very process as alive', () => {
    const owner = newContainerOwner()
    expect(owner.pid).toBe(process.pid)
    expect(newContainerOwner().id).not.toBe(owner.id)
    expect(newContainerOwner().pidStart).toBe(owner.pidStart)
  })
})
