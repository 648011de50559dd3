import { InvalidOptionError, requireOneOf } from '@golden-arch/core/errors'
import { requireStorableText } from './storable-text.ts'

/** How bad a thing is that an agent found. */
export const FINDING_SEVERITIES = ['minor', 'major', 'critical'] as const

/** How bad the worst thing is that an agent found; `none` where it found nothing. */
export const REVIEW_SEVERITIES = ['none', 'minor', 'major', 'critical'] as const

/** How bad the worst of some findings is. */
export type ReviewSeverity = (typeof REVIEW_SEVERITIES)[number]

/** One thing that an agent found in what it reviewed. */
export interface ReviewFinding {
  readonly severity: (typeof FINDING_SEVERITIES)[number]
  /** What is wrong: well-formed text of 1 to 2000 characters without NUL. */
  readonly message: string
  /** Where, such as `src/pay.ts:12`: text of 1 to 512 characters. Default: the whole. */
  readonly location?: string
}

const MAX_FINDINGS = 50

/** Returns `findings` if they keep the rules of their type. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireFindings(findings: readonly ReviewFinding[]): readonly ReviewFinding[] {
  if (!Array.isArray(findings) || findings.length > MAX_FINDINGS) {
    throw new InvalidOptionError('vote.findings', `a list of at most ${MAX_FINDINGS} findings`, findings)
  }
  return findings.map(requireFinding)
}

/** The severity of the worst of `findings`. A vote says it nowhere else, so that the two can never differ. */
export function worstSeverity(findings: readonly ReviewFinding[]): ReviewSeverity {
  const ranks = findings.map((one) => REVIEW_SEVERITIES.indexOf(one.severity))
  return REVIEW_SEVERITIES[Math.max(0, ...ranks)] ?? 'none'
}

function requireFinding(finding: ReviewFinding): ReviewFinding {
  if (typeof finding !== 'object' || finding === null) {
    throw new InvalidOptionError('vote.findings', '{ severity, message, location? } each', finding)
  }
  const { location } = finding
  return {
    severity: requireOneOf('vote.findings.severity', finding.severity, FINDING_SEVERITIES),
    message: requireStorableText('vote.findings.message', finding.message, 2000),
    ...(location === undefined
      ? {}
      : { location: requireStorableText('vote.findings.location', location, 512) }),
  }
}
