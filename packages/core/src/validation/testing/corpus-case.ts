import type { CoercionLevel } from '../coercion/coercion.ts'
import type { LlmParsePolicies } from '../parse-policies.ts'
import { readLines } from './read-lines.ts'

/** What is known of one model output: its text, and what reading it must give. */
export interface CorpusCase {
  readonly id: string
  /** What the text shows, such as `fence` or `truncated`. */
  readonly category: string
  /** A name in the corpus's schemas. */
  readonly schema: string
  readonly text: string
  /** Policies and coercion that differ from the defaults of the corpus: those of the validator, and coercion `safe`. */
  readonly options?: LlmParsePolicies & { readonly coercion?: CoercionLevel }
  readonly finishReason?: string
  readonly refusal?: string
  readonly expected: CorpusExpectation
}

/**
 * `value`: this value, nothing else. `value-or-refusal`: what was meant is likely but not certain, so refusing is right
 * too. `refusal`: nothing may be accepted; `family` says what a good reason names.
 */
export type CorpusExpectation =
  | { readonly kind: 'value' | 'value-or-refusal'; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly family: string }

interface Line extends Omit<CorpusCase, 'expected'> {
  readonly value?: unknown
  readonly mayRefuse?: boolean
  readonly refuse?: string
}

const FILES = ['first-reading.jsonl', 'by-category.jsonl', 'held-out.jsonl']

/** The model outputs of the corpus, in the order of their files. */
export function readCorpus(): readonly CorpusCase[] {
  return FILES.flatMap((file) => readLines(file).map(toCase))
}

function toCase(line: unknown): CorpusCase {
  // Safe: the files are part of this folder, and a test reads each of their lines.
  const { value, mayRefuse, refuse, ...rest } = line as Line
  if (refuse !== undefined) return { ...rest, expected: { kind: 'refusal', family: refuse } }
  return { ...rest, expected: { kind: mayRefuse === true ? 'value-or-refusal' : 'value', value } }
}
