import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import '../access/route-access.ts'
import { isSystemPermission } from '../access/system-access.ts'
import { tidyComponents } from './tidy-components.ts'

const DESCRIPTION = `Every failure has one form, \`Failure\`. Beside the statuses that each route names, a connection may be
answered 405 (a method that no route has), 408 (too slow), 417 (an expectation that is not met) or 431 (headers too large).

A route names the permission that it asks for in \`x-permission\`; a token comes from \`POST /api/v1/auth/login\`.
One with \`x-home-tenant\` concerns the whole system: it is for people of the home tenant, \`default\`, alone.
Lists come in pages: pass \`next_cursor\` as \`cursor\` for the next one; it is null on the last.`

declare module 'fastify' {
  interface FastifyInstance {
    /** Routes that say nothing of themselves, as `METHOD path`. */
    readonly undescribedRoutes: readonly string[]
  }
}

/** Gathers every route added from now on into a document of the API: OpenAPI 3.1, at `GET /openapi.json`. */
export async function addApiDocument(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Golden Architecture', version, description: DESCRIPTION },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    transform: (options) => {
      const { route, url } = options
      // A route without a schema stands among those without a document, and one of the server's own fails a test there.
      if (options.schema === undefined) return { url, schema: { hide: true } }
      const transformed = jsonSchemaTransform(options)
      const { permission, isOfSystem } = route.config ?? {}
      const isForHome = permission !== undefined && (isOfSystem === true || isSystemPermission(permission))
      return {
        url: transformed.url,
        schema: {
          ...transformed.schema,
          operationId: operationIdOf(String(route.method), url),
          ...(permission === undefined
            ? { security: [] }
            : { security: [{ bearer: [] }], 'x-permission': permission }),
          ...(isForHome ? { 'x-home-tenant': true } : {}),
        },
      }
    },
    transformObject: (document) => tidyComponents(withStatusNames(jsonSchemaTransformObject(document))),
  })
  const undescribedRoutes: string[] = []
  app.decorate('undescribedRoutes', undescribedRoutes)
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema === undefined && method !== 'HEAD') undescribedRoutes.push(`${String(method)} ${url}`)
  })
  app.get(
    '/openapi.json',
    { config: { public: true, isOpenedByBrowsers: true }, schema: { hide: true } },
    async (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  )
}

function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/:/g, 'by-')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  const named = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
  return [method.toLowerCase(), ...(named.length === 0 ? ['Root'] : named)].join('')
}

type ApiDocument = ReturnType<typeof jsonSchemaTransformObject>

/** Each answer described by what its status is called, where its schema says nothing better. */
function withStatusNames(document: ApiDocument): ApiDocument {
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {})) {
      if (typeof operation !== 'object' || operation === null || !('responses' in operation)) continue
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        if (!('description' in response)) continue
        const isFailure = Number(status) >= 400
        if (isFailure || response.description === 'Default Response') {
          response.description = STATUS_CODES[status] ?? response.description
        }
      }
    }
  }
  return document
}
