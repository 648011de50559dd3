/** A failure as the API answers it. */
export interface HttpFailure {
  readonly status: number
  readonly errorCode: string
  readonly message: string
  readonly details?: unknown
}
