import type { GeneratedRequest, Part } from './generated-request.ts'

/** A request that an operation must answer with success, as all that it needs is there. */
export interface PreparedRequest {
  /** What stands in its path, by the name of the parameter. */
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly opensSocket?: boolean
}

/** By method and path, as `POST /api/v1/tasks`. An operation that needs nothing has no entry. */
export type PreparedRequests = Readonly<Record<string, PreparedRequest>>

/** A prepared request in the form of a generated one. */
export function asGenerated({
  path = {},
  query = {},
  body,
  opensSocket = false,
}: PreparedRequest): GeneratedRequest {
  return {
    token: 'good',
    pick: 0,
    path: partsOf(path),
    query: partsOf(query),
    headers: {},
    body: body === undefined ? { kind: 'none' } : { kind: 'json', value: body, isAboutKnown: false },
    opensSocket,
  }
}

function partsOf(values: Readonly<Record<string, string>>): Readonly<Record<string, Part>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]))
}
