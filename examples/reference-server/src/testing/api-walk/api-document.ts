import { z } from 'zod'

const schemaNode = z.record(z.string(), z.unknown())
const mediaSchema = z.record(z.string(), z.looseObject({ schema: schemaNode.optional() }))
const operationSchema = z.looseObject({
  operationId: z.string(),
  'x-permission': z.string().optional(),
  parameters: z
    .array(
      z.looseObject({
        in: z.enum(['path', 'query', 'header']),
        name: z.string(),
        required: z.boolean().optional(),
        schema: schemaNode,
      }),
    )
    .default([]),
  requestBody: z.looseObject({ content: mediaSchema }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: mediaSchema.optional() })),
})
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), schemaNode) }),
})

/** A JSON Schema, as far as the document of the API uses it. */
export type SchemaNode = z.infer<typeof schemaNode>

/** A route as the document describes it. */
export interface Operation extends z.infer<typeof operationSchema> {
  readonly method: string
  readonly path: string
}

/** What of the document a client goes by. */
export interface ApiDocument {
  readonly operations: readonly Operation[]
  readonly schemas: Readonly<Record<string, SchemaNode>>
}

/** Reads the text of a document of the API. Throws on one that is none. */
export function readApiDocument(text: string): ApiDocument {
  const { paths, components } = documentSchema.parse(JSON.parse(text))
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ ...one, method: method.toUpperCase(), path })),
  )
  return { operations, schemas: components.schemas }
}
