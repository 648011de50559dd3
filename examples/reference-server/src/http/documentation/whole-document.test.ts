import { PERMISSIONS } from '@golden-arch/core/security'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'
import { apiTypes } from './api-types.ts'
import { routeTable } from './route-table.ts'

interface Operation {
  readonly operationId: string
  readonly security: readonly unknown[]
  readonly 'x-permission'?: string
  readonly responses: Readonly<Record<string, unknown>>
}

let server: AssembledServer
let text: string
let operations: readonly Operation[]

beforeAll(async () => {
  server = await startAssembledServer()
  ;({ text } = await server.call('GET', '/openapi.json'))
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> }
  operations = Object.values(paths).flatMap((path) => Object.values(path))
}, SLOW_START_MS)
afterAll(() => server.stop())

describe('the document of the whole API', () => {
  it('describes every route', () => {
    expect(operations.length).toBeGreaterThan(40)
    expect(server.gateway.app.undescribedRoutes).toEqual([])
  })

  it('names each operation once', () => {
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
  })

  it('says of each operation which permission it asks for, or that it is public', () => {
    for (const { security, responses, ...operation } of operations) {
      const permission = operation['x-permission']
      expect(permission === undefined || PERMISSIONS.some((one) => one === permission)).toBe(true)
      expect(security).toEqual(permission === undefined ? [] : [{ bearer: [] }])
      expect('403' in responses).toBe(permission !== undefined)
    }
  })

  it('refers to nothing that is not in it', () => {
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } }
    const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)
    expect(new Set(names)).toEqual(new Set(Object.keys(components.schemas)))
  })

  // Written anew by `npx vitest run <this file> -u`.
  it('is what the table of routes says', async () => {
    const title =
      '# Routes\n\nWritten from the document of the API, `/openapi.json`, which says what each takes and answers.\n\n'
    await expect(`${title}${routeTable(JSON.parse(text))}\n`).toMatchFileSnapshot('../../../ROUTES.md')
  })

  // Written anew by `npx vitest run <this file> -u`.
  it('is what the types of the console say', async () => {
    const types = await apiTypes(JSON.parse(text))
    await expect(types).toMatchFileSnapshot('../../../console/src/api/schema.d.ts')
  })
})
