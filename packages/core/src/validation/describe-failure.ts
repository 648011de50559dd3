import type { LlmFailure, LlmFailureCode, LlmIssue } from './outcome.ts'

const ADVICE: Readonly<Partial<Record<LlmFailureCode, string>>> = Object.freeze({
  TRUNCATED: 'Answer more briefly, so that the JSON is complete.',
  ELIDED: 'Give the whole JSON, with nothing left out.',
  TOO_LARGE: 'Answer more briefly.',
  AMBIGUOUS: 'Give one JSON value only.',
  TOO_MANY_CANDIDATES: 'Give one JSON value only.',
})
const MAX_PLACE_LENGTH = 64
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * What to tell the model when it is asked again: the fault, and for each issue its path, what is expected there and
 * the kinds of what came and of the fault. Never the answer's own text, save the keys of a path, quoted and cut to 64 characters.
 */
export function describeFailure(failure: LlmFailure): string {
  const lines = [`Your answer was refused: ${failure.message}.`]
  for (const issue of failure.issues) {
    const received = issue.received === undefined ? '' : `, received ${issue.received}`
    lines.push(`- ${describePath(issue.path)}: expected ${issue.expected}${received} (${issue.kind})`)
  }
  lines.push(ADVICE[failure.code] ?? 'Answer with strict JSON only, without any other text.')
  return lines.join('\n')
}

function describePath(path: LlmIssue['path']): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const key = part.length > MAX_PLACE_LENGTH ? `${part.slice(0, MAX_PLACE_LENGTH)}…` : part
    return PLAIN_KEY.test(key) ? `${text}.${key}` : `${text}[${JSON.stringify(key)}]`
  }, '$')
}
