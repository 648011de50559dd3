import type { ReviewVote } from '@golden-arch/governance/review'

const BEGINNING = 'No vote: '

/** What is kept of a reviewer who gave no vote that could be read, `code` saying why: it abstains, as silence approves nothing. */
export function noVote(code: string): ReviewVote {
  return { decision: 'abstain', findings: [], rationale: `${BEGINNING}${code}.`, confidence: 0 }
}

/** Whether `vote` is such a one. */
export function isNoVote({ decision, rationale, confidence }: ReviewVote): boolean {
  return decision === 'abstain' && confidence === 0 && rationale.startsWith(BEGINNING)
}
