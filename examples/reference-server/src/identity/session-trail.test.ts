import type { AuditEntry } from '@golden-arch/core/audit'
import { silentLogger } from '@golden-arch/core/observability'
import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, it } from 'vitest'
import { SessionTrail } from './session-trail.ts'

function trailOf(clock: FakeClock): { trail: SessionTrail; entries: AuditEntry[] } {
  const entries: AuditEntry[] = []
  const audit = { write: async (entry: AuditEntry) => void entries.push(entry) }
  return { trail: new SessionTrail({ audit, tenantId: 'acme', logger: silentLogger, clock }), entries }
}

const session = (familyId: string): { tenantId: string; subject: string; familyId: string } => ({
  tenantId: 'globex',
  subject: 'eve',
  familyId,
})

it('tells once a minute what became of a session', async () => {
  const clock = new FakeClock()
  const { trail, entries } = trailOf(clock)
  for (let index = 0; index < 3; index++) {
    trail.noteRefusal({ reason: 'reused', session: session('one') })
    trail.noteRefusal({ reason: 'revoked', session: session('one') })
    trail.noteSignOut(session('one'), 'request-1')
    trail.noteRefusal({ reason: 'unknown' })
  }
  await trail.close()
  expect(
    entries.map(({ tenantId, action, resource, outcome }) => [tenantId, action, resource, outcome]),
  ).toEqual([
    ['globex', 'session.refresh', 'session/one', 'denied'],
    ['globex', 'session.refresh', 'session/one', 'denied'],
    ['globex', 'user.signOut', 'session/one', 'allowed'],
    ['acme', 'session.refresh', 'session/unknown', 'denied'],
  ])
  await clock.advance(60_000)
  trail.noteRefusal({ reason: 'unknown' })
  await trail.close()
  expect(entries).toHaveLength(5)
})

it('is bounded, whatever comes', async () => {
  const { trail, entries } = trailOf(new FakeClock())
  for (let index = 0; index < 1000; index++) {
    trail.noteRefusal({ reason: 'expired', session: session(`family-${index}`) })
  }
  await trail.close()
  expect(entries).toHaveLength(100)
})
