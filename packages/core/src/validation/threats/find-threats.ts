import { withoutCode } from './rules/markdown-code.ts'
import { type Shadow, shadowOf } from './shadow/shadow.ts'
import type { ThreatSink } from './threat-context.ts'
import type { ResolvedDetectThreatsOptions } from './threat-options.ts'
import type { ThreatFinding } from './threat-report.ts'
import type { ThreatMatch, ThreatRule } from './threat-rule.ts'
import { type ThreatText, threatText } from './threat-text.ts'

const MAX_EVIDENCE = 120

/** A text in the forms that rules ask for, each made when it is first asked for. */
class Forms {
  readonly #original: string
  readonly #made = new Map<string, { readonly text: ThreatText; readonly shadow: Shadow }>()

  constructor(original: string) {
    this.#original = original
  }

  of(sink: ThreatSink, reads: 'text' | 'shadow'): { readonly text: ThreatText; readonly shadow: Shadow } {
    const isMarkdown = sink === 'markdown'
    const key = `${isMarkdown}${reads}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    // Blanking code keeps the length, so places in the blanked text are places in the original.
    const source = isMarkdown ? withoutCode(this.#original) : this.#original
    const shadow: Shadow =
      reads === 'shadow' ? shadowOf(source) : { text: source, toOriginal: (start, end) => [start, end] }
    const made = { text: threatText(shadow.text), shadow }
    this.#made.set(key, made)
    return made
  }
}

/** The findings of all rules, in the order of their places; one more than `maxFindings` where there are more. */
export function findThreats(text: string, options: ResolvedDetectThreatsOptions): readonly ThreatFinding[] {
  const forms = new Forms(text)
  const findings: ThreatFinding[] = []
  for (const context of options.contexts) {
    for (const rule of options.rules) {
      if (!rule.contexts.includes(context)) continue
      const form = forms.of(context, rule.reads ?? 'shadow')
      let count = 0
      for (const match of matchesOf(rule, form.text)) {
        findings.push(toFinding(rule, context, match, form.shadow, text))
        count++
        if (count > options.maxFindings) break
      }
    }
  }
  return findings
    .sort((a, b) => a.span[0] - b.span[0] || a.span[1] - b.span[1])
    .slice(0, options.maxFindings + 1)
}

function* matchesOf(rule: ThreatRule, text: ThreatText): Iterable<ThreatMatch> {
  if (rule.matcher.kind === 'scan') yield* rule.matcher.scan(text)
  else {
    for (const match of text.text.matchAll(rule.matcher.pattern)) {
      yield { start: match.index, end: match.index + match[0].length }
    }
  }
}

function toFinding(
  rule: ThreatRule,
  context: ThreatSink,
  match: ThreatMatch,
  shadow: Shadow,
  original: string,
): ThreatFinding {
  const span = shadow.toOriginal(match.start, match.end)
  const evidence = original.slice(span[0], span[1]).slice(0, MAX_EVIDENCE)
  const normalised = shadow.text.slice(match.start, match.end).slice(0, MAX_EVIDENCE)
  return {
    ruleId: rule.id,
    family: rule.family,
    context,
    severity: match.severity ?? rule.severity,
    span,
    evidence,
    ...(normalised === evidence ? {} : { normalised }),
  }
}
