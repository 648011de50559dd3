import { beforeAll, describe, expect, it } from 'vitest'
import type { Answer, AssembledServer } from '../../testing/assembled-server.ts'

const PATH = '/api/v1/governance'

/** Which tasks ran with a version of a prompt, on a server with any SqlDatabase. Registers its tests. */
export function promptUseContract(title: string, serverOf: () => AssembledServer): void {
  describe(title, () => {
    let server: AssembledServer

    beforeAll(async () => {
      server = serverOf()
      const update = { agent_role: 'tester', content: 'You try the edges.', reason: 'the first' }
      expect((await as('developer', 'POST', `${PATH}/proposals`, update)).body).toMatchObject({ version: 2 })
    })

    const as = async (
      role: 'operator' | 'developer',
      method: string,
      path: string,
      body?: unknown,
    ): Promise<Answer> =>
      server.call(method, path, {
        token: await server.tokenOf(role, 'acme'),
        ...(body === undefined ? {} : { body }),
      })

    /** A task as posted with a fix of it, and what was kept of a call for each. */
    const ranWith = async (version: number, id: string, by: string, status: string): Promise<void> => {
      const { database } = server.system
      await database.query(
        `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, parent_task_id, depth, kind, title, status, created_by)
         VALUES ('acme', $1, 'p', $1, NULL, 0, 'root', $1, $3, $2),
                ('acme', $1 || '/fix', 'p', $1, $1, 1, 'remediation', 'fix', 'completed', 'service')`,
        [id, by, status],
      )
      await database.query(
        `INSERT INTO task_effects (tenant_id, effect_id, task_id, state, result, settled_at)
         SELECT 'acme', task_id || '|1', task_id, 'done', $2, clock_timestamp() FROM tasks
          WHERE tenant_id = 'acme' AND root_task_id = $1`,
        [id, JSON.stringify({ kind: 'answered', agentRole: 'tester', promptVersion: version })],
      )
    }

    it('is told with how they stand, to each who may see them', async () => {
      await ranWith(1, 'harmed', 'developer-of-acme', 'failed')
      await ranWith(1, 'unharmed', 'operator-of-acme', 'completed')
      await ranWith(2, 'of-another-version', 'operator-of-acme', 'completed')
      const path = `${PATH}/prompts/tester/versions/1/tasks`
      expect((await as('operator', 'GET', path)).body).toMatchObject({
        tasks: [
          { id: 'unharmed', status: 'completed', calls: 2 },
          { id: 'harmed', status: 'failed', calls: 2 },
        ],
        counts: { failed: 1, completed: 1 },
      })
      expect((await as('developer', 'GET', path)).body).toMatchObject({
        tasks: [{ id: 'harmed' }],
        counts: { failed: 1 },
      })
      expect((await as('operator', 'GET', `${PATH}/prompts/tester/versions/9/tasks`)).status).toBe(404)
    })
  })
}
