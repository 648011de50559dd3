import type { CorpusCase } from './corpus-case.ts'
import { isSameJson } from './same-json.ts'

/** What a parser made of a text. */
export type ParserAnswer = { readonly accepted: true; readonly value: unknown } | { readonly accepted: false }

/**
 * `right`: the value that was meant, or a refusal where one is due. `refused`: no value where there is one. `wrong`: another
 * value than the one that was meant. `bad-accepted`: a value where a refusal is due.
 */
export type CaseVerdict = 'right' | 'refused' | 'wrong' | 'bad-accepted'

/** Judges what a parser made of a text of the corpus. */
export function judgeCase({ expected }: CorpusCase, answer: ParserAnswer): CaseVerdict {
  if (expected.kind === 'refusal') return answer.accepted ? 'bad-accepted' : 'right'
  if (!answer.accepted) return expected.kind === 'value' ? 'refused' : 'right'
  return isSameJson(answer.value, expected.value) ? 'right' : 'wrong'
}

/** How a parser did on a corpus. */
export interface CorpusScore {
  /** Texts with one certain value. */
  readonly recoverable: number
  /** Those of them that were read rightly. */
  readonly right: number
  /** Texts read as a value that was not meant, those of uncertain meaning among them. */
  readonly wrong: number
  /** Texts that must be refused. */
  readonly bad: number
  /** Those of them that were accepted. */
  readonly badAccepted: number
}

/** Counts verdicts. */
export function scoreOf(judged: readonly (readonly [CorpusCase, CaseVerdict])[]): CorpusScore {
  const count = (wanted: (one: CorpusCase, verdict: CaseVerdict) => boolean): number =>
    judged.filter(([one, verdict]) => wanted(one, verdict)).length
  return {
    recoverable: count((one) => one.expected.kind === 'value'),
    right: count((one, verdict) => one.expected.kind === 'value' && verdict === 'right'),
    wrong: count((_, verdict) => verdict === 'wrong'),
    bad: count((one) => one.expected.kind === 'refusal'),
    badAccepted: count((_, verdict) => verdict === 'bad-accepted'),
  }
}
