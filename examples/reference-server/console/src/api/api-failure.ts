/** What the API said when it refused or failed. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly status: number
  /** Stable, in capitals; `UNREACHABLE` where no answer came. */
  readonly code: string
  readonly details: unknown
  /** By which the server's log knows the call; undefined where no answer came. */
  readonly requestId: string | undefined

  constructor(facts: {
    readonly status: number
    readonly code: string
    readonly message: string
    readonly details?: unknown
    readonly requestId?: string | undefined
    readonly cause?: unknown
  }) {
    super(facts.message, { cause: facts.cause })
    this.status = facts.status
    this.code = facts.code
    this.details = facts.details
    this.requestId = facts.requestId
  }
}

/** The failure that an answer tells of. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => undefined)
  const { status } = response
  if (typeof body !== 'object' || body === null || !('error_code' in body)) {
    return new ApiFailure({ status, code: `HTTP_${status}`, message: 'The server gave no reason.' })
  }
  const { error_code, message, details, request_id } = body as Record<string, unknown>
  return new ApiFailure({
    status,
    code: String(error_code),
    message: String(message),
    details,
    requestId: request_id === undefined ? undefined : String(request_id),
  })
}

/** The failure for an answer that never came. */
export function unreachable(cause: unknown): ApiFailure {
  return new ApiFailure({ status: 0, code: 'UNREACHABLE', message: 'The server does not answer.', cause })
}
