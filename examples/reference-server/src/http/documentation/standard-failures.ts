import type { FastifyInstance, RouteOptions } from 'fastify'
import '../access/route-access.ts'
import { failureSchema } from '../route-schema.ts'

const OF_EVERY_ROUTE = [400, 414, 415, 429, 500, 503]

/** Adds to each route that has a schema, from now on, the failures that it has for being a route of this server. */
export function addStandardFailures(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { schema } = route
    if (schema === undefined || schema.hide === true) return
    const failures = Object.fromEntries(standardFailures(route).map((status) => [status, failureSchema]))
    // Fastify says nothing of what is under `response`: it is an object of schemas by status.
    route.schema = { ...schema, response: { ...failures, ...(schema.response as object | undefined) } }
  })
}

function standardFailures({ schema, config }: RouteOptions): readonly number[] {
  const { body, params, querystring, headers } = schema ?? {}
  return [
    ...OF_EVERY_ROUTE,
    ...(config?.permission === undefined ? [] : [401, 403]),
    ...(body === undefined ? [] : [413]),
    ...([body, params, querystring, headers].some((part) => part !== undefined) ? [422] : []),
  ]
}
