import { type CorpusCase, readCorpus } from '../../packages/core/src/validation/testing/corpus-case.ts'
import {
  type CaseVerdict,
  type CorpusScore,
  judgeCase,
  type ParserAnswer,
  scoreOf,
} from '../../packages/core/src/validation/testing/judge-case.ts'
import { readCase, schemaOf } from '../../packages/core/src/validation/testing/read-case.ts'
import type { Contender } from './contender.ts'

/** What a contender made of each text of the corpus. */
export interface Judged {
  readonly name: string
  readonly score: CorpusScore
  readonly verdicts: readonly (readonly [CorpusCase, CaseVerdict])[]
}

/** The texts that need no option and no word of the provider: those that any parser can be asked about. */
export function commonCases(): readonly CorpusCase[] {
  return readCorpus().filter(
    ({ options, finishReason, refusal }) =>
      options === undefined && finishReason === undefined && refusal === undefined,
  )
}

/** What our validator makes of the texts. */
export function judgeOurs(cases: readonly CorpusCase[]): Judged {
  return judged(
    'golden-arch',
    cases.map((one) => {
      const outcome = readCase(one)
      return [
        one,
        judgeCase(one, outcome.ok ? { accepted: true, value: outcome.value } : { accepted: false }),
      ]
    }),
  )
}

/** What a peer makes of the texts; the same schemas check its values. */
export async function judgePeer({ name, read }: Contender, cases: readonly CorpusCase[]): Promise<Judged> {
  const verdicts: [CorpusCase, CaseVerdict][] = []
  for (const one of cases) verdicts.push([one, judgeCase(one, await answerOf(read, one))])
  return judged(name, verdicts)
}

function judged(name: string, verdicts: readonly (readonly [CorpusCase, CaseVerdict])[]): Judged {
  return { name, verdicts, score: scoreOf(verdicts) }
}

async function answerOf(read: Contender['read'], { text, schema }: CorpusCase): Promise<ParserAnswer> {
  try {
    const checked = schemaOf(schema).safeParse(await read(text))
    return checked.success ? { accepted: true, value: checked.data } : { accepted: false }
  } catch {
    return { accepted: false }
  }
}

/** The scores as a table in Markdown. */
export function scoreTable(all: readonly Judged[]): readonly string[] {
  const rows = all.map(
    ({ name, score }) =>
      `| ${name} | ${score.right} of ${score.recoverable} | ${score.wrong} | ${score.badAccepted} of ${score.bad} |`,
  )
  return ['| | right value | wrong value | bad accepted |', '| --- | --- | --- | --- |', ...rows]
}

/** How many texts of each category were judged right, as a table in Markdown. */
export function categoryTable(all: readonly Judged[]): readonly string[] {
  const categories = [...new Set(all.flatMap(({ verdicts }) => verdicts.map(([one]) => one.category)))]
  const rows = categories.map((category) => {
    const counts = all.map(({ verdicts }) => {
      const own = verdicts.filter(([one]) => one.category === category)
      return { right: own.filter(([, verdict]) => verdict === 'right').length, size: own.length }
    })
    return `| ${category} (${counts[0]?.size ?? 0}) | ${counts.map(({ right }) => right).join(' | ')} |`
  })
  return [
    `| | ${all.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(all.length)}`,
    ...rows,
  ]
}
