import { InvalidOptionError } from '@golden-arch/core/errors'
import { MessagingError } from '../messaging-error.ts'
import { matchesSubject, patternsOverlap } from './subject-pattern.ts'

/** A stream, as far as routing goes. */
export interface StreamSubjects {
  readonly stream: string
  readonly subjects: readonly string[]
}

/**
 * The one stream that takes the subject.
 * @throws MessagingError `STREAM_NOT_FOUND` where none does.
 */
export function streamTaking<Stream extends StreamSubjects>(
  subject: string,
  streams: Iterable<Stream>,
): Stream {
  for (const one of streams) {
    if (one.subjects.some((pattern) => matchesSubject(pattern, subject))) return one
  }
  throw noStreamTakes(subject)
}

/** `STREAM_NOT_FOUND`, for a subject. */
export function noStreamTakes(subject: string): MessagingError {
  const message = `no stream takes the subject ${subject}`
  return new MessagingError({ code: 'STREAM_NOT_FOUND', message, details: { subject } })
}

/**
 * Accepts streams of which no two take one subject, so that a message has one place.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, and on a stream that is given twice.
 */
export function requireDisjointSubjects(streams: readonly StreamSubjects[]): void {
  for (const [index, one] of streams.entries()) {
    for (const other of streams.slice(index + 1)) {
      if (one.stream === other.stream) throw new InvalidOptionError('streams', 'each named once', one.stream)
      for (const pattern of one.subjects) {
        const shared = other.subjects.find((candidate) => patternsOverlap(pattern, candidate))
        if (shared === undefined) continue
        const rule = `without shared subjects: ${one.stream} and ${other.stream} both take some of ${shared}`
        throw new InvalidOptionError('streams', rule, pattern)
      }
    }
  }
}
