import openapiTypescript, { astToString } from 'openapi-typescript'
import { z } from 'zod'

const HEADING = '/** Written from the document of the API, `/openapi.json`. */\n\n'
const operationSchema = z.looseObject({ responses: z.record(z.string(), z.unknown()) })
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})
/** What the console calls: the routes that have other names beside are under these. */
const CALLED = /^\/(api\/v1\/|stats$|health$)/

/** Types of the routes of a document of the API that the console may call. Failures have one form, which is not repeated. */
export async function apiTypes(document: unknown): Promise<string> {
  const whole = documentSchema.parse(document)
  const paths = Object.entries(whole.paths)
    .filter(([path]) => CALLED.test(path))
    .map(([path, operations]) => [path, withoutFailures(operations)])
  const text = JSON.stringify({ ...whole, paths: Object.fromEntries(paths) })
  // The document comes as text: what the library is given is its own to take apart.
  return `${HEADING}${astToString(await openapiTypescript(text))}`
}

function withoutFailures(operations: Readonly<Record<string, z.infer<typeof operationSchema>>>): unknown {
  const kept = Object.entries(operations).map(([method, { responses, ...operation }]) => {
    const good = Object.entries(responses).filter(([status]) => status.startsWith('2'))
    return [method, { ...operation, responses: Object.fromEntries(good) }]
  })
  return Object.fromEntries(kept)
}
