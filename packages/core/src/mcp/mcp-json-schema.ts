/** The part of JSON Schema that our tools are described by. */
// A type, not an interface: only a type fits the index signatures of the schemas that it is handed to.
export type McpJsonSchema = {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  description?: string
  properties?: Record<string, McpJsonSchema>
  required?: string[]
  additionalProperties?: false
  items?: McpJsonSchema
  enum?: string[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
}

/** The schema of an object that has these properties, those named in `optional` perhaps, and no others. */
export function objectSchema(
  properties: Record<string, McpJsonSchema>,
  optional: readonly string[] = [],
): McpJsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}
