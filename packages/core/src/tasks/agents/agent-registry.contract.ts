import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../storage/index.ts'
import type { TaskDatabase } from '../testing/task-databases.ts'
import type { AgentKey, AgentRole, ClaimedAgent } from './agent.ts'
import { AgentRegistry } from './agent-registry.ts'

/** What the registry of agents does on any SqlDatabase. Registers its tests. */
export function agentRegistryContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`agents on ${title}`, () => {
    let opened: TaskDatabase
    let database: SqlDatabase
    let registry: AgentRegistry

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      registry = new AgentRegistry({ database })
    })
    afterAll(() => opened.close())

    async function register(count: number, role: AgentRole = 'developer'): Promise<string> {
      const tenantId = randomName('tenant')
      for (let index = 1; index <= count; index++)
        await registry.register({ tenantId, agentId: `${role}-${index}`, role })
      return tenantId
    }

    function claim(tenantId: string, taskId = 'k'): Promise<ClaimedAgent | undefined> {
      return registry.claimIdle({ tenantId, role: 'developer', taskId, owner: 'process-1' })
    }

    async function claimedOf(tenantId: string, taskId = 'k'): Promise<ClaimedAgent> {
      const agent = await claim(tenantId, taskId)
      if (agent === undefined) throw new Error('no agent is free')
      return agent
    }

    async function lapse({ tenantId, agentId }: AgentKey): Promise<void> {
      await database.query(
        `UPDATE agents SET heartbeat_at = clock_timestamp() - interval '1 hour'
          WHERE tenant_id = $1 AND agent_id = $2`,
        [tenantId, agentId],
      )
    }

    it('gives each of four idle agents to one of 20 claims at once', async () => {
      const tenantId = await register(4)
      const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(tenantId, `k${index}`)))
      const agents = claims.filter((agent) => agent !== undefined).map(({ agentId }) => agentId)
      expect(agents.sort()).toEqual(['developer-1', 'developer-2', 'developer-3', 'developer-4'])
    })

    it('knows what each agent works on, and nothing of one that is idle', async () => {
      const tenantId = await register(1)
      const key = { tenantId, agentId: 'developer-1' }
      expect(await registry.get(key)).toMatchObject({
        ...key,
        role: 'developer',
        status: 'idle',
        currentTaskId: null,
        model: null,
        heartbeatAt: null,
      })
      const agent = await claimedOf(tenantId, 'task-7')
      expect(await registry.get(key)).toMatchObject({ status: 'working', currentTaskId: 'task-7' })
      expect(await registry.release(agent)).toBe(true)
      expect(await registry.release(agent)).toBe(false)
      expect(await registry.heartbeat(agent)).toBe(false)
      expect(await registry.get(key)).toMatchObject({ status: 'idle', currentTaskId: null })
    })

    it('lets agents take turns', async () => {
      const tenantId = await register(2)
      const turns: string[] = []
      for (let index = 0; index < 4; index++) {
        const agent = await claimedOf(tenantId)
        turns.push(agent.agentId)
        await registry.release(agent)
      }
      expect(turns).toEqual(['developer-1', 'developer-2', 'developer-1', 'developer-2'])
    })

    it('gives an agent to another whose holder is gone, and tells the first', async () => {
      const tenantId = await register(1)
      const gone = await claimedOf(tenantId, 'first')
      expect(await claim(tenantId, 'second')).toBeUndefined()
      await lapse(gone)
      expect(await registry.heartbeat(gone)).toBe(true)
      expect(await claim(tenantId, 'second')).toBeUndefined()
      await lapse(gone)
      const other = await claimedOf(tenantId, 'second')
      expect(other.claim).toBe(gone.claim + 1)
      expect(await registry.heartbeat(gone)).toBe(false)
      expect(await registry.release(gone)).toBe(false)
      expect(await registry.get(other)).toMatchObject({ status: 'working', currentTaskId: 'second' })
      expect(await registry.heartbeat(other)).toBe(true)
    })

    it('gives an agent whose holder is gone to one of many that claim it', async () => {
      const tenantId = await register(1)
      await lapse(await claimedOf(tenantId))
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(tenantId)))
      expect(claims.filter((agent) => agent !== undefined)).toHaveLength(1)
    })

    it('gives no agent of another role or tenant, and none that is disabled', async () => {
      const tenantId = await register(1, 'tester')
      expect(await claim(tenantId)).toBeUndefined()
      const developers = await register(1)
      expect(await claim('another')).toBeUndefined()
      const key = { tenantId: developers, agentId: 'developer-1' }
      expect(await registry.disable(key)).toMatchObject({ status: 'disabled' })
      expect(await claim(developers)).toBeUndefined()
      expect(await registry.enable(key)).toMatchObject({ status: 'idle' })
      expect(await claim(developers)).toMatchObject(key)
    })

    it('takes an agent that is disabled from its holder', async () => {
      const tenantId = await register(1)
      const agent = await claimedOf(tenantId)
      await registry.disable(agent)
      expect(await registry.heartbeat(agent)).toBe(false)
      await registry.enable(agent)
      expect(await registry.heartbeat(agent)).toBe(false)
      expect(await registry.release(agent)).toBe(false)
      expect(await claimedOf(tenantId)).toMatchObject({ agentId: 'developer-1' })
    })

    it('lets an agent go on that is registered again or enabled while it works', async () => {
      const tenantId = await register(1)
      const agent = await claimedOf(tenantId)
      expect(await registry.register({ ...agent, role: 'architect', model: 'm' })).toMatchObject({
        status: 'working',
        role: 'architect',
        model: 'm',
      })
      expect(await registry.enable(agent)).toMatchObject({ status: 'working' })
      expect(await registry.heartbeat(agent)).toBe(true)
    })

    it('lists agents page by page, by role and status', async () => {
      const tenantId = await register(3)
      await registry.register({ tenantId, agentId: 'tester-1', role: 'tester', model: 'small' })
      const agent = await claimedOf(tenantId)
      const first = await registry.list({ tenantId, limit: 2 })
      expect(first.items.map(({ agentId }) => agentId)).toEqual(['developer-1', 'developer-2'])
      const second = await registry.list({ tenantId, limit: 2, cursor: first.nextCursor ?? '' })
      expect(second.items.map(({ agentId }) => agentId)).toEqual(['developer-3', 'tester-1'])
      expect(second.nextCursor).toBeNull()
      expect((await registry.list({ tenantId, role: 'tester' })).items).toMatchObject([{ model: 'small' }])
      expect((await registry.list({ tenantId, status: 'working' })).items).toMatchObject([
        { agentId: agent.agentId },
      ])
      expect((await registry.list({ tenantId: 'another' })).items).toEqual([])
    })

    it('refuses what it cannot keep, and says what it does not know', async () => {
      // A caller without types.
      const role = 'wizard' as AgentRole
      await expect(registry.register({ tenantId: 't', agentId: 'a', role })).rejects.toEqual(
        invalidOption('role'),
      )
      await expect(registry.register({ tenantId: 't', agentId: '', role: 'tester' })).rejects.toEqual(
        invalidOption('agentId'),
      )
      await expect(claim('t', '')).rejects.toEqual(invalidOption('taskId'))
      await expect(registry.list({ tenantId: 't', role })).rejects.toEqual(invalidOption('role'))
      const unknown = { tenantId: 't', agentId: 'none' }
      const missing = { code: 'AGENT_NOT_FOUND', message: 'no agent none' }
      await expect(registry.get(unknown)).rejects.toMatchObject(missing)
      await expect(registry.enable(unknown)).rejects.toMatchObject(missing)
      await expect(registry.disable(unknown)).rejects.toMatchObject(missing)
    })
  })
}
