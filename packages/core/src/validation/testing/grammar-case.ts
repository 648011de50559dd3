import type { LlmParseLimits } from '../parse-limits.ts'
import type { LlmParsePolicies } from '../parse-policies.ts'
import { readLines } from './read-lines.ts'

/** A text that shows one idea of the JSON grammar. */
export interface GrammarCase {
  /** `accept`: RFC 8259 has it as JSON. `refuse`: it does not. `open`: it leaves it to the parser, ours to a policy or limit. */
  readonly kind: 'accept' | 'refuse' | 'open'
  readonly idea: string
  readonly text: string
  /** Of an open text: the code of the default refusal, `any` for whichever, null where it is accepted. */
  readonly code?: string | null
  /** The policies or limits with which an open text is accepted. */
  readonly policies?: LlmParsePolicies
  readonly limits?: LlmParseLimits
  /** What an open text then means; absent: what JSON.parse says. */
  readonly value?: unknown
}

/** The texts of the JSON grammar. */
export function readGrammar(): readonly GrammarCase[] {
  return readLines('json-grammar.jsonl').map((line) => {
    // Safe: the file is part of this folder, and a test reads each of its lines.
    const { times = 1, ...one } = line as GrammarCase & { readonly times?: number }
    return { ...one, text: one.text.repeat(times) }
  })
}
