const PREFIX = '#/components/schemas/'

/**
 * The document without the components that nothing refers to, and with "any value" in the place of what refers to none: a
 * schema that holds itself and has no name is JSON as such.
 */
export function tidyComponents<Document extends object>(document: Document): Document {
  const { components = {}, ...rest } = document as { components?: { schemas?: object } }
  const all: Readonly<Record<string, unknown>> = { ...components.schemas }
  const found = new Map<string, unknown>()
  const resolved = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolved)
    if (typeof node !== 'object' || node === null) return node
    if ('$ref' in node && typeof node.$ref === 'string' && node.$ref.startsWith(PREFIX)) {
      const name = node.$ref.slice(PREFIX.length)
      if (!Object.hasOwn(all, name)) return {}
      if (!found.has(name)) {
        // Before its content is looked at: it may refer to itself.
        found.set(name, undefined)
        found.set(name, resolved(all[name]))
      }
      return node
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolved(value)]))
  }
  const tidied = resolved(rest)
  const schemas = Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  // The walk keeps the form of what it copies.
  return Object.assign(tidied as Document, { components: { ...components, schemas } })
}
