/** What one execution may use. Every limit is a hard one; which values a backend takes is its own to say. */
export interface ExecutionLimits {
  /** Milliseconds of wall time for the guest, from its first instruction. Default: the backend's. */
  readonly timeoutMs: number
  /**
   * Milliseconds of processor of the guest's process. A backend may round it up to whole seconds, as the kernel does. Default: as
   * much as the time allows.
   */
  readonly cpuTimeMs: number
  /** Bytes of memory of the guest, its interpreter included. Default: the backend's. */
  readonly memoryLimitBytes: number
  /** Bytes of call stack of the guest. Default: the backend's. */
  readonly stackLimitBytes: number
  /** Bytes of standard output, as UTF-8. Default: the backend's. */
  readonly stdoutLimitBytes: number
  /** Bytes of standard error, as UTF-8. Default: the backend's. */
  readonly stderrLimitBytes: number
  /** Bytes of the result's value as JSON text in UTF-8. Default: the backend's. */
  readonly valueLimitBytes: number
}

/** The values of one limit that a backend takes, all inclusive. */
export interface LimitRange {
  readonly min: number
  readonly max: number
  readonly default: number
}

/** The ranges of all limits of a backend. */
export type LimitRanges = { readonly [Name in keyof ExecutionLimits]: LimitRange }

/** The limits of an execution that asks for none. */
export function defaultLimits(ranges: LimitRanges): ExecutionLimits {
  return {
    timeoutMs: ranges.timeoutMs.default,
    cpuTimeMs: ranges.cpuTimeMs.default,
    memoryLimitBytes: ranges.memoryLimitBytes.default,
    stackLimitBytes: ranges.stackLimitBytes.default,
    stdoutLimitBytes: ranges.stdoutLimitBytes.default,
    stderrLimitBytes: ranges.stderrLimitBytes.default,
    valueLimitBytes: ranges.valueLimitBytes.default,
  }
}
