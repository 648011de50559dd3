import { z } from 'zod'

/** The body of every failure, whatever its status. */
export const failureSchema = z
  .strictObject({
    error_code: z.string().describe('What went wrong, for programs: stable, in capitals.'),
    message: z.string().describe('What went wrong, for people.'),
    details: z.unknown().optional().describe('What belongs to the code; cut to a few KB.'),
    request_id: z.string().describe('Also in the header x-request-id, and in the log of the server.'),
  })
  .meta({ id: 'Failure', description: 'A failure.' })

/** Which end of a list is asked for: a `next_cursor` goes on in the order of its own page. */
export const listOrder: z.ZodDefault<z.ZodEnum<{ oldest: 'oldest'; newest: 'newest' }>> = z
  .enum(['oldest', 'newest'])
  .default('oldest')
  .describe('Which come first. A cursor goes on in the order that it was given in.')

/** What an answer without a body is described by. */
export const NO_CONTENT: z.ZodUndefined = z.undefined()

/** An answer that is written as it comes, in a form other than JSON. */
export function textAnswer(mediaType: string): {
  readonly content: Readonly<Record<string, { readonly schema: z.ZodUnknown }>>
} {
  // A handler gives it as a text or a stream.
  return { content: { [mediaType]: { schema: z.unknown().meta({ type: 'string' }) } } }
}

/** Statuses of failures that a route may name as its own. The others come by themselves. */
export type RouteFailure = 401 | 403 | 404 | 409 | 410 | 412 | 422 | 426 | 428 | 429 | 503

/** The body of an answer in JSON, or by its media type. */
export type AnswerSchema =
  | z.ZodType
  | {
      readonly description?: string
      readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>
    }

/** What a route says of itself: the same schemas check requests and make the API's document. */
export interface RouteSchemaOptions {
  /** One line. */
  readonly summary: string
  readonly description?: string
  /** Where the route stands in the document. */
  readonly tags: readonly [string]
  readonly params?: z.ZodType
  readonly querystring?: z.ZodType
  /** Headers by their names in lower case: a loose object, since there are always others. */
  readonly headers?: z.ZodType
  readonly body?: z.ZodType
  /** The answers by status, as they are in JSON: instants are texts. `errors`: the failures of this route alone. */
  readonly response: Readonly<Record<number, AnswerSchema>> & { readonly errors?: readonly RouteFailure[] }
}

/** The schema of a route as Fastify takes it. Its types are those of the handler. */
export type RouteSchema<S extends RouteSchemaOptions> = Omit<S, 'response' | 'tags'> & {
  readonly tags: string[]
  readonly response: Omit<S['response'], 'errors'>
}

/**
 * The schema of a route. Failures that every route has (400, 413 to 415, 422 where something is checked, 401 and 403
 * where a permission is asked for, 429, 500, 503) and the permission come to it when it is added to the gateway.
 */
export function routeSchema<const S extends RouteSchemaOptions>(options: S): RouteSchema<S> {
  const { errors = [], ...answers } = options.response
  const response = { ...Object.fromEntries(errors.map((status) => [status, failureSchema])), ...answers }
  // The failures are left out of the type: a handler throws them.
  return { ...options, tags: [...options.tags], response } as RouteSchema<S>
}
