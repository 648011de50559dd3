import { createHash } from 'node:crypto'
import { METRICS, type Metrics } from '../../observability/index.ts'
import { findThreats } from './find-threats.ts'
import { redactFindings } from './redact-findings.ts'
import {
  type DetectThreatsOptions,
  isAtLeast,
  type ResolvedDetectThreatsOptions,
  resolveDetectThreatsOptions,
} from './threat-options.ts'
import type { ThreatFinding, ThreatReport } from './threat-report.ts'

/**
 * Looks for what would be an attack in the sinks named in `contexts`. A signal, not a defence: the defence is to encode for
 * the sink, to bind values, and to resolve paths and addresses; a text without findings is not thereby safe. The text
 * comes back the same to the byte unless policy `redact` is asked for. Never throws on a text; its time grows with the
 * length of the text.
 * @throws InvalidOptionError `INVALID_OPTION` on a context, a policy or a limit that is not allowed.
 */
export function detectThreats(text: string, options: DetectThreatsOptions): ThreatReport {
  const resolved = resolveDetectThreatsOptions(options)
  const found = text.length > resolved.maxCharacters ? [tooLong(text, resolved)] : findThreats(text, resolved)
  const findings = found.slice(0, resolved.maxFindings)
  if (resolved.metrics !== undefined) count(resolved.metrics, findings)
  const isCut = found.length > findings.length
  const report = { verdict: verdictOf(findings, resolved), findings, isCut, text }
  if (resolved.policy !== 'redact' || findings.length === 0) return report
  const originalHash = createHash('sha256').update(text).digest('hex')
  // What was not found because there was too much of it must not slip through.
  const redacted = isCut ? '[removed: limit]' : redactFindings(text, findings)
  return { ...report, text: redacted, originalHash }
}

/** A text that nobody looked at is not a harmless one. */
function tooLong(text: string, { contexts }: ResolvedDetectThreatsOptions): ThreatFinding {
  const [context = 'html'] = contexts
  const span = [0, text.length] as const
  return {
    ruleId: 'text-too-long',
    family: 'limit',
    context,
    severity: 'high',
    span,
    evidence: text.slice(0, 120),
  }
}

function verdictOf(
  findings: readonly ThreatFinding[],
  { policy, rejectFrom }: ResolvedDetectThreatsOptions,
): ThreatReport['verdict'] {
  if (findings.length === 0) return 'allow'
  return policy === 'reject' && findings.some((one) => isAtLeast(one.severity, rejectFrom))
    ? 'reject'
    : 'flag'
}

function count(metrics: Metrics, findings: readonly ThreatFinding[]): void {
  const counter = metrics.counter(METRICS.llmThreatFindings)
  for (const { ruleId } of findings) counter.increment({ rule: ruleId })
}
