import fc from 'fast-check'
import type { ApiDocument, Operation, SchemaNode } from './api-document.ts'
import { valuesOf } from './schema-values.ts'

/** What goes into a part of a request: a value, or, where that is undefined, one that the server gave before by that name. */
export interface Part {
  readonly value: unknown
}

/** A request, before what the server gave is put into it. */
export interface GeneratedRequest {
  /** Which of the tokens goes with it. */
  readonly token: 'good' | 'weak' | 'bad' | 'none'
  /** Which of the things that are known the request is about. */
  readonly pick: number
  readonly path: Readonly<Record<string, Part>>
  readonly query: Readonly<Record<string, Part>>
  readonly headers: Readonly<Record<string, unknown>>
  readonly body:
    | { readonly kind: 'none' }
    | { readonly kind: 'json'; readonly value: unknown; readonly isAboutKnown: boolean }
    | { readonly kind: 'text'; readonly text: string; readonly contentType: string }
  /** Whether it asks for a WebSocket. Default it does not. */
  readonly opensSocket?: boolean
}

type Parts = fc.Arbitrary<Readonly<Record<string, Part>>>

const KNOWN: fc.Arbitrary<Part> = fc.constant({ value: undefined })
const ODD: fc.Arbitrary<Part> = fc.string({ unit: 'binary', maxLength: 60 }).map((value) => ({ value }))
/** Names of parameters that only a server can fill well. */
const GIVEN = /(^|_)(id|cursor)$/

/** Requests to an operation: such as the document describes, and such as it does not. */
export function requestsTo(operation: Operation, { schemas }: ApiDocument): fc.Arbitrary<GeneratedRequest> {
  const parametersIn = (place: 'path' | 'query' | 'header'): Operation['parameters'] =>
    operation.parameters.filter((one) => one.in === place)
  const goodOf = (schema: SchemaNode): fc.Arbitrary<Part> =>
    valuesOf(schema, schemas).map((value) => ({ value }))
  const record = (
    place: 'path' | 'query',
    of: (one: Operation['parameters'][number]) => fc.Arbitrary<Part>,
  ): Parts => {
    const parameters = parametersIn(place)
    const members = Object.fromEntries(parameters.map((one) => [one.name, of(one)]))
    const requiredKeys = parameters.filter(({ required }) => required === true).map(({ name }) => name)
    return fc.record<Record<string, Part>, string>(members, { requiredKeys })
  }
  const headers = parametersIn('header').map(({ name, schema }) => [
    name,
    fc.oneof({ arbitrary: valuesOf(schema, schemas), weight: 3 }, { arbitrary: fc.string(), weight: 1 }),
  ])
  const usual = (one: Operation['parameters'][number]): fc.Arbitrary<Part> =>
    GIVEN.test(one.name) ? KNOWN : goodOf(one.schema)
  const mixed = (one: Operation['parameters'][number]): fc.Arbitrary<Part> =>
    fc.oneof(
      { arbitrary: goodOf(one.schema), weight: 3 },
      { arbitrary: KNOWN, weight: 1 },
      { arbitrary: ODD, weight: 1 },
    )
  return fc.record({
    token: fc.oneof(
      { arbitrary: fc.constant('good' as const), weight: 12 },
      { arbitrary: fc.constantFrom('weak' as const, 'bad' as const, 'none' as const), weight: 1 },
    ),
    pick: fc.nat(1000),
    path: fc.oneof(
      { arbitrary: record('path', () => KNOWN), weight: 6 },
      { arbitrary: record('path', mixed), weight: 4 },
    ),
    query: fc.oneof(
      { arbitrary: record('query', usual), weight: 6 },
      { arbitrary: record('query', mixed), weight: 3 },
      { arbitrary: fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), ODD), weight: 1 },
    ),
    headers: fc.record(Object.fromEntries(headers), { requiredKeys: [] }),
    body: bodiesOf(operation, schemas),
  })
}

function bodiesOf(
  operation: Operation,
  schemas: ApiDocument['schemas'],
): fc.Arbitrary<GeneratedRequest['body']> {
  const none = fc.constant({ kind: 'none' } as const)
  if (operation.method === 'GET') return none
  const json = (value: fc.Arbitrary<unknown>): fc.Arbitrary<GeneratedRequest['body']> =>
    fc.record({ kind: fc.constant('json' as const), value, isAboutKnown: fc.boolean() })
  const text = fc.record({
    kind: fc.constant('text' as const),
    text: fc.string({ maxLength: 40 }),
    contentType: fc.constantFrom('application/json', 'text/plain', 'application/json; charset=latin1'),
  })
  const schema = operation.requestBody?.content['application/json']?.schema
  if (schema === undefined) {
    return fc.oneof(
      { arbitrary: none, weight: 6 },
      { arbitrary: json(fc.jsonValue()), weight: 1 },
      { arbitrary: text, weight: 1 },
    )
  }
  const good = valuesOf(schema, schemas)
  return fc.oneof(
    { arbitrary: json(good), weight: 9 },
    { arbitrary: json(nearly(good)), weight: 3 },
    { arbitrary: json(fc.jsonValue()), weight: 1 },
    { arbitrary: text, weight: 1 },
    { arbitrary: none, weight: 1 },
  )
}

/** Good objects with one member missing, wrong, or too many. */
function nearly(good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(good, fc.nat(1000), fc.oneof(fc.jsonValue(), fc.constant(undefined)), fc.boolean())
    .map(([value, pick, wrong, adds]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong ?? null
      const names = Object.keys(value)
      const name = adds || names.length === 0 ? 'unknown_member' : names[pick % names.length]
      // Undefined leaves the member out of the JSON text.
      return { ...value, [name ?? 'unknown_member']: adds ? (wrong ?? 1) : wrong }
    })
}
