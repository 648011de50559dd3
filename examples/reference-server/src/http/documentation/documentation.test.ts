import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'
import { NO_CONTENT, routeSchema } from '../route-schema.ts'

const thing = z.object({ id: z.string(), at: z.iso.datetime() }).meta({ id: 'Thing' })
const ANSWERS = {
  good: { id: 'a', at: '2026-01-01T00:00:00.000Z' },
  wrong: { id: 1, at: '2026-01-01T00:00:00.000Z' },
  more: { id: 'a', at: '2026-01-01T00:00:00.000Z', secret: 'b' },
}

let gateway: TestGateway

function start(answers: 'checked' | 'trusted'): Promise<TestGateway> {
  return startTestGateway(
    (app) => {
      const routes = app.withTypeProvider<ZodTypeProvider>()
      routes.get(
        '/things/:id',
        {
          config: { permission: 'task:read' },
          schema: routeSchema({
            summary: 'Shows a thing',
            tags: ['things'],
            params: z.object({ id: z.enum(['good', 'wrong', 'more']) }),
            querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(9).optional() }),
            response: { 200: thing, errors: [404] },
          }),
        },
        // What the types forbid is what this test is about.
        async (request) => ANSWERS[request.params.id] as z.infer<typeof thing>,
      )
      routes.post(
        '/things',
        {
          config: { public: true },
          schema: routeSchema({
            summary: 'Takes a thing',
            tags: ['things'],
            body: z.strictObject({ name: z.string() }),
            response: { 204: NO_CONTENT },
          }),
        },
        async (_request, reply) => reply.status(204).send(),
      )
    },
    { answers },
  )
}

/** The document as a client reads it: OpenAPI has types for it, which would hide what is missing. */
interface ApiDocument {
  readonly openapi: string
  readonly components: { readonly schemas: unknown }
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly responses: Readonly<Record<string, unknown>>; readonly security: unknown }>
      >
    >
  >
}

async function documentOf(): Promise<ApiDocument> {
  const answer = await fetch(`${gateway.address}/openapi.json`)
  expect(answer.status).toBe(200)
  // Each test looks at what it names.
  return (await answer.json()) as ApiDocument
}

const get = (path: string, at = gateway): Promise<Response> =>
  fetch(`${at.address}${path}`, { headers: { authorization: 'Bearer acme.admin.ann' } })

beforeAll(async () => {
  gateway = await start('checked')
})
afterAll(() => gateway.stop())

describe('a route with a schema', () => {
  it('answers as documented', async () => {
    const answer = await get('/things/good?limit=3')
    expect([answer.status, await answer.json()]).toEqual([200, ANSWERS.good])
  })

  it.each(['wrong', 'more'])('fails in a test where its answer is %s than documented', async (id) => {
    expect((await get(`/things/${id}`)).status).toBe(500)
  })

  it('sends what it has to a client', async () => {
    const trusting = await start('trusted')
    try {
      const answer = await get('/things/more', trusting)
      expect([answer.status, await answer.json()]).toEqual([200, ANSWERS.more])
    } finally {
      await trusting.stop()
    }
  })

  it.each([
    ['the query', '/things/good?limit=0', ['limit']],
    ['a part of the path', '/things/none', ['id']],
  ])('refuses what is wrong in %s by the one body of a failure', async (_name, path, at) => {
    const answer = await get(path)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ error_code: 'INVALID_REQUEST', details: [{ path: at }] })
  })

  it('refuses a missing body', async () => {
    const answer = await fetch(`${gateway.address}/things`, { method: 'POST' })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ error_code: 'INVALID_REQUEST' })
  })
})

describe('the document of the API', () => {
  it('is OpenAPI 3.1, for everybody', async () => {
    const document = await documentOf()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(['/things/{id}', '/things'])
    expect(document.components.schemas).toMatchObject({ Failure: {}, Thing: {} })
  })

  it('names what a route asks for, takes and answers, the failures of every route included', async () => {
    const { paths } = await documentOf()
    const operations = { get: paths['/things/{id}']?.get, post: paths['/things']?.post }
    expect(operations.get).toMatchObject({
      operationId: 'getThingsById',
      security: [{ bearer: [] }],
      'x-permission': 'task:read',
      parameters: [
        { in: 'query', name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 9 } },
        { in: 'path', name: 'id', required: true, schema: { enum: ['good', 'wrong', 'more'] } },
      ],
      responses: {
        200: {
          description: 'OK',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
        },
        404: { description: 'Not Found' },
        422: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } } },
      },
    })
    expect(Object.keys(operations.get?.responses ?? {})).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '414',
      '415',
      '422',
      '429',
      '500',
      '503',
    ])
    expect(operations.post?.security).toEqual([])
    expect(operations.post?.responses['204']).toEqual({ description: 'No Content' })
    expect(Object.keys(operations.post?.responses ?? {})).toEqual([
      '204',
      '400',
      '413',
      '414',
      '415',
      '422',
      '429',
      '500',
      '503',
    ])
  })
})

describe('the page of the documentation', () => {
  it('shows the document by what this server has, and lets a browser run nothing else', async () => {
    const page = await fetch(`${gateway.address}/docs`)
    const text = await page.text()
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    for (const [path, type] of [
      ['docs/swagger-ui.css', 'text/css'],
      ['docs/swagger-ui-bundle.js', 'text/javascript'],
    ] as const) {
      expect(text).toContain(`"${path}"`)
      const part = await fetch(`${gateway.address}/${path}`)
      expect([part.status, part.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`])
      expect(part.headers.get('cache-control')).toBe('public, max-age=86400')
      expect((await part.text()).length).toBeGreaterThan(1000)
    }
  })

  it('leaves the policy of the other answers as it is', async () => {
    const answer = await fetch(`${gateway.address}/openapi.json`)
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none';base-uri 'none';frame-ancestors 'none'",
    )
  })
})
