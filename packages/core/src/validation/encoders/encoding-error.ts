import { GoldenError } from '../../errors/index.ts'

/** Codes of the errors of the encoders. */
export type EncodingErrorCode = 'TEXT_NOT_ENCODABLE' | 'COMMAND_NOT_ALLOWED' | 'SQL_TEMPLATE_INVALID'

/**
 * A text that the place it is meant for cannot hold unchanged. `TEXT_NOT_ENCODABLE`: the text, named by `details.sink`
 * and `details.rule`. `COMMAND_NOT_ALLOWED`: a program that is not on the list. `SQL_TEMPLATE_INVALID`: a `sql` template
 * that is wrong as it is written. Never retryable; holds nothing of the text.
 */
export class EncodingError extends GoldenError<EncodingErrorCode> {
  /** The error of a text that `sink` cannot hold; `rule` says what it must be. */
  static notEncodable(sink: string, rule: string): EncodingError {
    return new EncodingError({
      code: 'TEXT_NOT_ENCODABLE',
      message: `${sink} must be ${rule}`,
      details: { sink, rule },
    })
  }
}
