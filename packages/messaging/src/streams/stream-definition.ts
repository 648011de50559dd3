import { type Complete, InvalidOptionError, requireInteger, withDefaults } from '@golden-arch/core/errors'
import { requireSubjectPattern } from './subject-pattern.ts'

/** A stream as it shall be. */
export interface StreamDefinition {
  /** 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
  readonly stream: string
  /** What it takes: subjects, exact (`task.completed`), by prefix (`task.>`), or all (`>`). No two streams share any. */
  readonly subjects: readonly string[]
  /** Milliseconds that a message is kept at most, 60000 to 31536000000. Default 604800000 (7 days). */
  readonly maxAgeMs?: number | undefined
  /** Milliseconds during which a message id is stored once at least, 1000 to `maxAgeMs`. Default 120000 (2 minutes). */
  readonly dedupeWindowMs?: number | undefined
  /** Bytes that the stream holds at most, from 1048576; a publication beyond is refused. Default unlimited. */
  readonly maxBytes?: number | undefined
}

/** A stream with nothing left open. */
export type ResolvedStreamDefinition = Complete<StreamDefinition, never, 'maxBytes'>

/** What is used where nothing is given. */
export const DEFAULT_STREAM_DEFINITION = {
  stream: undefined,
  subjects: undefined,
  maxAgeMs: 604_800_000,
  dedupeWindowMs: 120_000,
  maxBytes: null,
} as const

const STREAM = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Returns `stream` if it is 1 to 64 characters of `A-Z a-z 0-9 _ -`.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming `option`.
 */
export function requireStreamName(stream: unknown, option = 'stream'): string {
  if (typeof stream === 'string' && STREAM.test(stream)) return stream
  throw new InvalidOptionError(option, '1 to 64 characters of A-Z a-z 0-9 _ -', stream)
}

/**
 * Checks a definition and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveStreamDefinition(definition: StreamDefinition): ResolvedStreamDefinition {
  const resolved = withDefaults(definition, DEFAULT_STREAM_DEFINITION)
  requireStreamName(resolved.stream)
  if (resolved.subjects.length === 0) {
    throw new InvalidOptionError('subjects', 'at least one subject', resolved.subjects)
  }
  for (const subject of resolved.subjects) requireSubjectPattern('subjects', subject)
  requireInteger('maxAgeMs', resolved.maxAgeMs, { min: 60_000, max: 31_536_000_000 })
  requireInteger('dedupeWindowMs', resolved.dedupeWindowMs, { min: 1000, max: resolved.maxAgeMs })
  if (resolved.maxBytes !== null) requireInteger('maxBytes', resolved.maxBytes, { min: 1_048_576 })
  return resolved
}
