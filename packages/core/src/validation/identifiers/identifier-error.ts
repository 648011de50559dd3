import { GoldenError } from '../../errors/index.ts'

/** Codes of the errors of this folder. */
export type IdentifierErrorCode = 'IDENTIFIER_INVALID'

/**
 * A value that is not of its identifier's form. `details.field` and `details.rule` say which and what was asked, in words
 * that can be shown to the sender; the value itself is not repeated. Never retryable.
 */
export class IdentifierError extends GoldenError<IdentifierErrorCode> {
  constructor(field: string, rule: string) {
    super({
      code: 'IDENTIFIER_INVALID',
      message: `${field} must be ${rule}`,
      details: { field, rule },
    })
  }
}
