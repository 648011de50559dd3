import {
  type McpJsonSchema,
  type McpOutput,
  type McpToolAnnotations,
  objectSchema,
} from '@golden-arch/core/mcp'
import type { Page, PageOptions } from '@golden-arch/core/storage'

/** A text of ours. */
export const TEXT: McpJsonSchema = Object.freeze({ type: 'string' })

/** An instant. */
export const INSTANT: McpJsonSchema = Object.freeze({ type: 'string', description: 'ISO 8601, in UTC.' })

/** Of tools that only read. */
export const READS: McpToolAnnotations = Object.freeze({
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
})

/** Which page of a list. */
export const LIST_INPUT: McpJsonSchema = Object.freeze(
  objectSchema(
    {
      limit: { type: 'integer', minimum: 1, maximum: 200, description: 'Default 50.' },
      cursor: { type: 'string', maxLength: 64, description: 'The next_cursor of the page before.' },
    },
    ['limit', 'cursor'],
  ),
)

/** A page of a list. */
export function listSchema(item: McpJsonSchema): McpJsonSchema {
  const cursor = { type: 'string', description: 'Absent on the last page.' } as const
  return objectSchema({ items: { type: 'array', items: item }, next_cursor: cursor }, ['next_cursor'])
}

/** The page that the arguments of a tool ask for. */
export function pageOf({ limit, cursor }: Readonly<Record<string, unknown>>): PageOptions {
  return {
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(cursor === undefined ? {} : { cursor: String(cursor) }),
  }
}

/** A page as a tool tells it. */
export function pageOutput<Item>(
  { items, nextCursor }: Page<Item>,
  output: (item: Item) => McpOutput,
): McpOutput {
  return { items: items.map(output), ...present('next_cursor', nextCursor) }
}

/** A field that is there only where it has a value. */
export function present(name: string, value: string | null | undefined): McpOutput {
  return value === null || value === undefined ? {} : { [name]: value }
}
