import { requireInteger, withDefaults } from '@golden-arch/core/errors'
import type { ExecutionResult, ExecutionStatus, JsonValue } from '../execution-result.ts'
import { cutText } from './cut-text.ts'

/** What a model is told of an execution: how it ended and what it left, without what concerns the host alone. */
export interface ModelReport {
  readonly status: ExecutionStatus
  readonly exit_code?: number
  readonly signal?: string
  readonly value?: JsonValue
  /** Name and message of what was thrown. */
  readonly error?: string
  readonly stdout?: string
  readonly stderr?: string
  /** Whether output is missing: what was beyond its limit, or the middle of what is longer than `maxOutputCharacters`. */
  readonly is_cut?: true
}

/** How much of an execution a model is told. */
export interface ModelReportOptions {
  /**
   * Characters (UTF-16 code units) that a model is told of each: standard output, standard error, the error, and the value, which
   * counts as JSON where it is no text; 256 to 16777216. Of a longer one it is told head and tail as text, with a line between them that says how many are left
   * out. Default 16384.
   */
  readonly maxOutputCharacters?: number | undefined
}

/** The values used where none are given. */
export const DEFAULT_MODEL_REPORT_OPTIONS: Readonly<Record<keyof ModelReportOptions, number>> = Object.freeze(
  {
    maxOutputCharacters: 16_384,
  },
)

/** As much as any backend lets through. */
const MAX_OUTPUT_CHARACTERS = 16_777_216

/**
 * The report of a result. A program has a value in QuickJS alone: elsewhere, what it printed and its exit code are all that there is.
 * @throws InvalidOptionError `INVALID_OPTION` on a bound out of its range.
 */
export function modelReport(result: ExecutionResult, options: ModelReportOptions = {}): ModelReport {
  const { maxOutputCharacters } = withDefaults(options, DEFAULT_MODEL_REPORT_OPTIONS)
  const cutter = new OutputCutter(requireOutputBound(maxOutputCharacters))
  const { status, value, exitCode, signal, stdout, stderr, error, truncated } = result
  const told = {
    status,
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(value === undefined ? {} : { value: cutter.value(value) }),
    ...(error === undefined ? {} : { error: cutter.text(`${error.name}: ${error.message}`) }),
    ...(stdout === '' && value !== undefined ? {} : { stdout: cutter.text(stdout) }),
    ...(stderr === '' ? {} : { stderr: cutter.text(stderr) }),
  }
  return truncated.stdout || truncated.stderr || cutter.hasCut ? { ...told, is_cut: true } : told
}

/**
 * Returns the bound if it is within its range.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function requireOutputBound(characters: number): number {
  return requireInteger('maxOutputCharacters', characters, { min: 256, max: MAX_OUTPUT_CHARACTERS })
}

/** Cuts each part of a report to one bound, and knows whether any was longer. */
class OutputCutter {
  readonly #bound: number
  hasCut = false

  constructor(bound: number) {
    this.#bound = bound
  }

  text(whole: string): string {
    if (whole.length > this.#bound) this.hasCut = true
    return cutText(whole, this.#bound)
  }

  value(whole: JsonValue): JsonValue {
    if (typeof whole === 'string') return this.text(whole)
    const json = JSON.stringify(whole)
    return json.length > this.#bound ? this.text(json) : whole
  }
}
