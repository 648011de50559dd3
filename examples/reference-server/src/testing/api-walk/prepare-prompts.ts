import type { AssembledServer } from '../assembled-server.ts'
import type { PreparedRequests } from './prepared-request.ts'

const PATH = '/api/v1/governance'
type Body = Record<string, unknown>

/** Proposals that wait for people, a role with two versions of its prompt, and one that is frozen. */
export async function preparePrompts(server: AssembledServer): Promise<PreparedRequests> {
  const token = await server.tokenOf('developer')
  const boss = await server.tokenOf('operator')
  const post = async (path: string, bearer: string, body: Body): Promise<Body> => {
    const answer = await server.call('POST', `${PATH}/${path}`, { token: bearer, body })
    if (answer.status >= 300) throw new Error(`${path} was answered ${answer.status}: ${answer.text}`)
    return answer.body ?? {}
  }
  let texts = 0
  const propose = async (agent_role: string): Promise<Body> => {
    // No update of the role is so young that it must wait.
    await server.system.database.query(
      "UPDATE learning_history SET applied_at = applied_at - interval '30 hours' WHERE tenant_id = 'acme' AND agent_role = $1 AND applied_at IS NOT NULL",
      [agent_role],
    )
    const content = `You work with care, in way ${texts++}.`
    return await post('proposals', token, { agent_role, content, reason: 'it was seen to help' })
  }
  const word = ({ update_id, content_sha256 }: Body): { path: { id: string }; body: Body } => ({
    path: { id: String(update_id) },
    body: { content_sha256, notes: 'I read it.' },
  })
  const rollBack = (role: string, to: Body): Promise<Body> =>
    post(`prompts/${role}/rollback`, boss, { to_version: to.version, reason: 'worse' })

  const approved = word(await propose('architect'))
  const rejected = word(await propose('security'))
  const first = await propose('tester')
  await propose('tester')
  const [before, after] = [await propose('reviewer'), await propose('reviewer')]
  // Two rollbacks in a day freeze a role.
  await rollBack('reviewer', before)
  await rollBack('reviewer', after)
  const role = { role: 'tester' }
  return {
    [`POST ${PATH}/proposals`]: {
      body: { agent_role: 'developer', content: 'You write plain code.', reason: 'it was seen to help' },
    },
    [`GET ${PATH}/proposals/{id}`]: { path: approved.path },
    [`POST ${PATH}/proposals/{id}/approve`]: approved,
    [`POST ${PATH}/proposals/{id}/reject`]: rejected,
    [`GET ${PATH}/prompts/{role}`]: { path: role },
    [`GET ${PATH}/prompts/{role}/versions`]: { path: role },
    [`GET ${PATH}/prompts/{role}/history`]: { path: role },
    [`GET ${PATH}/prompts/{role}/versions/{version}`]: {
      path: { ...role, version: String(first.version) },
    },
    [`POST ${PATH}/prompts/{role}/rollback`]: {
      path: role,
      body: { to_version: first.version, reason: 'worse' },
    },
    [`POST ${PATH}/freezes/{role}/acknowledge`]: {
      path: { role: 'reviewer' },
      body: { notes: 'a flaky dataset' },
    },
  }
}
