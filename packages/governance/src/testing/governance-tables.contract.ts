import { createHash } from 'node:crypto'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from './opened-governance.ts'

/** What the tables of learning hold and refuse on any SqlDatabase. Registers its tests. */
export function governanceTablesContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`tables of learning on ${title}`, () => {
    let opened: OpenedGovernance
    let tenant = ''
    beforeAll(async () => {
      opened = await open()
    })
    beforeEach(() => {
      tenant = randomName('t')
    })
    afterAll(() => opened.close())

    const write = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
      opened.database.query(text, values)
    const addPrompt = (version: number, content: string, hash?: string): Promise<unknown> =>
      write(
        `INSERT INTO prompts (tenant_id, agent_role, version, content, content_sha256, created_by)
         VALUES ($1, 'security', $2::int, $3, $4, 'ada')`,
        [tenant, version, content, hash ?? createHash('sha256').update(content).digest('hex')],
      )
    const propose = (more: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
      const row = {
        tenant_id: tenant,
        update_id: 'u-1',
        agent_role: 'security',
        kind: 'update',
        base_version: 1,
        target_version: 2,
        content_sha256: 'a'.repeat(64),
        reason: 'too lenient',
        proposed_by: 'supervisor',
        proposed_by_kind: 'service',
        ...more,
      }
      const names = Object.keys(row)
      const places = names.map((_name, index) => `$${index + 1}`)
      return write(
        `INSERT INTO learning_history (${names.join(', ')}) VALUES (${places.join(', ')})`,
        Object.values(row),
      )
    }

    it('begin with the limits of the five roles', async () => {
      const { rows } = await opened.database.query(
        `SELECT agent_role, max_updates_per_day AS max, cooldown_hours AS hours, requires_approval AS approval
           FROM learning_governance ORDER BY agent_role`,
      )
      expect(rows).toEqual([
        { agent_role: 'architect', max: 2, hours: 12, approval: true },
        { agent_role: 'developer', max: 5, hours: 2, approval: false },
        { agent_role: 'reviewer', max: 3, hours: 4, approval: false },
        { agent_role: 'security', max: 1, hours: 24, approval: true },
        { agent_role: 'tester', max: 5, hours: 2, approval: false },
      ])
    })

    it('keep a prompt version as it was written, under the hash of its very text', async () => {
      await addPrompt(1, 'be strict — äöü')
      await addPrompt(2, 'be stricter')
      await expect(addPrompt(3, 'be kind', 'a'.repeat(64))).rejects.toMatchObject({
        code: 'CHECK_VIOLATION',
      })
      await expect(addPrompt(1, 'again')).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
      await expect(addPrompt(3, 'be stricter')).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
      for (const change of [
        "UPDATE prompts SET created_by = 'eve'",
        'DELETE FROM prompts',
        'TRUNCATE prompts CASCADE',
      ]) {
        await expect(write(change)).rejects.toThrow(/never changes/)
      }
    })

    it('record a proposal between two versions of one tenant, and nobody approves their own', async () => {
      await addPrompt(1, 'be strict')
      await addPrompt(2, 'be stricter')
      await propose()
      await expect(propose({ update_id: 'u-2', target_version: 9 })).rejects.toMatchObject({
        code: 'FOREIGN_KEY_VIOLATION',
      })
      await expect(propose({ update_id: 'u-3', tenant_id: randomName('other') })).rejects.toMatchObject({
        code: 'FOREIGN_KEY_VIOLATION',
      })
      for (const broken of [
        { base_version: 2 },
        { status: 'applied' },
        { status: 'rejected', decided_by: 'supervisor', decided_at: new Date() },
        { decided_by: 'ada' },
        { kind: 'seed' },
      ]) {
        await expect(propose({ update_id: 'u-4', ...broken })).rejects.toMatchObject({
          code: 'CHECK_VIOLATION',
        })
      }
    })
  })
}
