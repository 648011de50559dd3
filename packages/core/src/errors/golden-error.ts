import type { SerializedError } from './serialized-error.ts'
import { serializeError } from './serialized-error.ts'

/** The registered symbol that marks our errors. It is the same in every copy of this module in a process. */
// The cast names it for the type system, which gives `Symbol.for` no type of its own.
const BRAND: unique symbol = Symbol.for('@golden-arch/error') as never

/** What every error of the packages is built from. */
export interface GoldenErrorInit<Code extends string> {
  /** Stable, machine-readable name of what went wrong, in SCREAMING_SNAKE_CASE. */
  readonly code: Code
  /** What went wrong, for a person. Never holds a secret. */
  readonly message: string
  /** Whether the same call may succeed later without any change by the caller. Default false. */
  readonly retryable?: boolean | undefined
  /** Named facts about the failure: JSON values, no secrets. What to wait stands in `retryAfterMs`. Default empty. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** The error that led to this one. */
  readonly cause?: unknown
}

/**
 * The base of every error that the packages throw. Narrow by `code`, never by message; test for it with
 * {@link isGoldenError}, which holds across duplicate installs where `instanceof` does not.
 */
export class GoldenError<Code extends string = string> extends Error {
  /** Stable, machine-readable name of what went wrong. */
  readonly code: Code
  /** Whether the same call may succeed later without any change by the caller. */
  readonly retryable: boolean
  /** Named facts about the failure, safe to log. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(init: GoldenErrorInit<Code>) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    // A bundler names a class that speaks of itself `_StorageError`.
    this.name = new.target.name.replace(/^_+/, '')
    this.code = init.code
    this.retryable = init.retryable ?? false
    this.details = Object.freeze({ ...init.details })
    Object.defineProperty(this, BRAND, { value: true })
  }

  /**
   * Milliseconds after which the same call may succeed: `details.retryAfterMs`. Undefined where nobody can tell, or where
   * what stands there is no number from 0 on.
   */
  get retryAfterMs(): number | undefined {
    const { retryAfterMs } = this.details
    const isPause = typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) && retryAfterMs >= 0
    return isPause ? retryAfterMs : undefined
  }

  /** The error as plain JSON values, without its stack, so that it can cross a process or worker boundary; bigints in `details` become text. */
  toJSON(): SerializedError {
    // Of an error that carries code, retryable and details, as this one does, serializeError keeps all three.
    return serializeError(this) as SerializedError
  }
}

/**
 * Whether `value` is an error of these packages, of any copy of them, optionally with the given `code`.
 * @returns true and narrows `value` to a {@link GoldenError} with that code.
 */
export function isGoldenError<Code extends string = string>(
  value: unknown,
  code?: Code,
): value is GoldenError<Code> {
  if (typeof value !== 'object' || value === null) return false
  // Any object may be asked for these two; what they hold is checked next.
  const candidate = value as { [BRAND]?: unknown; code?: unknown }
  return candidate[BRAND] === true && (code === undefined || candidate.code === code)
}
