import * as nodeModule from 'node:module'
import type { GuestError } from '../../execution-result.ts'

/** Source texts from this length on leave the parser with so much memory that its thread is not used again. */
const LARGE_SOURCE_UNITS = 262_144

/** What became of a TypeScript source: JavaScript, or why it has none. */
export interface StrippedSource {
  readonly code?: string
  readonly error?: GuestError
  /** Whether the parser fell over, or holds much memory now. */
  readonly isParserSpent: boolean
}

/**
 * Loads the parser, which the first call would do otherwise, in a tenth of a second. Node warns once in each thread that the
 * function is experimental; a worker's warnings go to its own standard error, which nobody reads.
 */
export function loadTypeStripper(): void {
  nodeModule.stripTypeScriptTypes('')
}

/**
 * Takes the types out of a TypeScript program; every line and column stays where it was. What is more than types (`enum`,
 * `namespace`, parameter properties) is an error. The parser may take exponential time over hostile code: call it where it
 * can be killed.
 */
export function stripTypes(source: string): StrippedSource {
  const isParserSpent = source.length >= LARGE_SOURCE_UNITS
  try {
    return { code: nodeModule.stripTypeScriptTypes(source), isParserSpent }
  } catch (error) {
    if (error instanceof SyntaxError) {
      return {
        error: { name: 'SyntaxError', message: error.message.slice(0, 4096), stack: '' },
        isParserSpent,
      }
    }
    const message = 'the program is nested too deep for the TypeScript parser'
    return { error: { name: 'SyntaxError', message, stack: '' }, isParserSpent: true }
  }
}
