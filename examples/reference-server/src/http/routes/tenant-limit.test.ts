import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer()
}, SLOW_START_MS)
afterAll(() => server?.stop())

const limit = (body: unknown, token: string): Promise<Answer> =>
  server.call('PUT', '/api/v1/budget/limits', { token, body })
const state = (token: string): Promise<Answer> => server.call('GET', '/api/v1/budget/state', { token })

it('the limit of a whole tenant is set by an administrator of the home tenant alone, for any tenant', async () => {
  const home = await server.tokenOf('admin')
  const operator = await server.tokenOf('operator')
  const ofGlobex = { tenant_id: 'globex', limit_tokens: 50 }
  for (const [as, body] of [
    [await server.tokenOf('operator', 'globex'), { limit_tokens: 10_000_000 }],
    [await server.tokenOf('admin', 'globex'), { limit_tokens: 10_000_000 }],
    [await server.tokenOf('admin', 'globex'), { tenant_id: 'globex', limit_tokens: 10_000_000 }],
    [await server.tokenOf('admin', 'globex'), { tenant_id: 'acme', project_id: 'p', limit_tokens: 1 }],
    [operator, { limit_tokens: 10_000_000 }],
    [operator, ofGlobex],
    [operator, { ...ofGlobex, project_id: 'p' }],
  ] as const) {
    const refused = await limit(body, as)
    expect([refused.status, refused.body?.error_code]).toEqual([403, 'PERMISSION_DENIED'])
  }
  expect((await limit(ofGlobex, home)).status).toBe(200)
  expect((await state(await server.tokenOf('observer', 'globex'))).body).toMatchObject({ limit: 50 })
  expect((await limit({ limit_tokens: 10_000_000 }, home)).status).toBe(200)
  expect((await state(home)).body).toMatchObject({ limit: 10_000_000 })
  expect((await limit({ ...ofGlobex, limit_tokens: null }, home)).status).toBe(200)
})
