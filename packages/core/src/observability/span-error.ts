import { isGoldenError } from '../errors/index.ts'

/** What a span keeps of something thrown. */
export interface SpanError {
  /** The value of `error.type`: a stable code, else the error's name. */
  readonly type: string
  readonly message: string
}

/** Describes whatever was thrown; never throws, however strange it is. */
export function describeSpanError(error: unknown): SpanError {
  try {
    if (error instanceof Error) {
      return { type: isGoldenError(error) ? error.code : error.name, message: error.message }
    }
    return { type: '_OTHER', message: String(error) }
  } catch {
    return { type: '_OTHER', message: 'something without text was thrown' }
  }
}
