import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { HttpError } from '../../http/http-error.ts'
import { routeSchema } from '../../http/route-schema.ts'
import { startTestGateway } from '../test-gateway.ts'
import { readApiDocument } from './api-document.ts'
import { walkApi } from './walk-api.ts'

it('a walk finds a status that is not documented, an answer of another form, and a server that fails', async () => {
  const schema = routeSchema({
    summary: 'Answers',
    tags: ['test'],
    response: { 200: z.strictObject({ ok: z.boolean() }), errors: [409] },
  })
  const gateway = await startTestGateway((app) => {
    const routes = app.withTypeProvider<ZodTypeProvider>()
    const open = { config: { public: true }, schema } as const
    routes.get('/good', open, () => ({ ok: true }))
    routes.get('/refused', open, () => {
      throw new HttpError(409, 'TAKEN', 'taken')
    })
    routes.get('/undocumented', open, () => {
      throw new HttpError(410, 'GONE', 'gone')
    })
    // What the types forbid is what this test is about.
    routes.get('/other-form', open, () => ({ ok: 'yes' }) as unknown as { ok: boolean })
    routes.get('/broken', open, () => {
      throw new Error('broken')
    })
  })
  try {
    const document = readApiDocument(await (await fetch(`${gateway.address}/openapi.json`)).text())
    const tokens = { good: 'acme.admin.ann', weak: 'acme.anonymous.eve' }
    const { address } = gateway
    const report = await walkApi({ address, document, tokens, scene: {}, requestsPerOperation: 1, seed: 1 })
    expect(report.violations.map((one) => one.replace(/ *->.*/s, ''))).toEqual([
      'GET /undocumented',
      'GET /other-form',
      'GET /broken',
    ])
    expect(report.neverServed).toEqual(['getRefused', 'getUndocumented', 'getOtherForm', 'getBroken'])
  } finally {
    await gateway.stop()
  }
})
