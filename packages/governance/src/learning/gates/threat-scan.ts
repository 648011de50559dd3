import { createHash } from 'node:crypto'
import { requireOneOf, withDefaults } from '@golden-arch/core/errors'
import type { Metrics } from '@golden-arch/core/observability'
import {
  detectThreats,
  type ThreatContext,
  type ThreatFinding,
  type ThreatSeverity,
} from '@golden-arch/core/validation'
import type { GateFinding, PromptGate } from '../ports/prompt-gate.ts'
import { growsWhenPlain } from './folded-text.ts'

/** What a {@link threatScan} looks for. */
export interface ThreatScanOptions {
  /** Where the prompt, or text that it makes a model write, may go. Default `['prompt']`. */
  readonly contexts?: readonly ThreatContext[] | undefined
  /** The least severity that counts. Default `medium`. */
  readonly from?: ThreatSeverity | undefined
  /** Where what is found is counted by rule. Default: none. */
  readonly metrics?: Metrics | undefined
}

const NAME = 'threat-scan'
const GROWS = 'written in plain letters the text is more than twice as long'
const SEVERITIES = ['low', 'medium', 'high'] as const
const MAX_THREATS = 10_000
const DEFAULTS = { contexts: Object.freeze(['prompt'] as const), from: 'medium' as const, metrics: undefined }
/** Findings that are told one by one; the rest as a number. */
const MAX_TOLD = 10

/**
 * A gate against text that would be an attack, such as an instruction to forget the others. Only what is new counts: the same
 * passage as often as in the version in force is let be, as prompts quote attacks to warn of them; another passage, or the
 * same once more, is a finding. A text with more than 10000 places found, or more than
 * twice as long in plain letters, is a finding by itself.
 * @throws InvalidOptionError `INVALID_OPTION` on a context or severity that is not known.
 */
export function threatScan(options: ThreatScanOptions = {}): PromptGate {
  const { contexts, from, metrics } = withDefaults(options, DEFAULTS)
  const least = SEVERITIES.indexOf(requireOneOf('from', from, SEVERITIES))
  const scan = (
    text: string,
    counting: { readonly metrics?: Metrics | undefined } = {},
  ): ReturnType<typeof detectThreats> =>
    detectThreats(text, { contexts, maxFindings: MAX_THREATS, ...counting })
  scan('')
  return {
    name: NAME,
    check: async (_tx, { content, base }): Promise<readonly GateFinding[]> => {
      if (growsWhenPlain(content)) return [found('disguised', GROWS)]
      const report = scan(content, { metrics })
      if (report.isCut) return [found('too-many', `more than ${MAX_THREATS} threats`)]
      const known =
        base === null ? new Map<string, number>() : countsOf(base.content, scan(base.content).findings)
      const fresh = report.findings.filter((one) => {
        if (SEVERITIES.indexOf(one.severity) < least) return false
        const key = keyOf(content, one)
        const left = known.get(key) ?? 0
        known.set(key, left - 1)
        return left <= 0
      })
      const told = fresh.slice(0, MAX_TOLD).map(({ ruleId, severity, context, span }) => {
        const message = `new ${severity} threat for ${context} at places ${span[0]} to ${span[1]}`
        return found(ruleId, message)
      })
      const more = fresh.length - told.length
      return more === 0 ? told : [...told, found('more', `${more} more new threats`)]
    },
  }
}

function countsOf(text: string, findings: readonly ThreatFinding[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of findings) {
    const key = keyOf(text, one)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** The rule, the sink and the very passage: another passage that breaks the same rule is another threat. */
function keyOf(text: string, { ruleId, context, span }: ThreatFinding): string {
  const passage = createHash('sha256')
    .update(text.slice(...span))
    .digest('base64')
  return `${ruleId} ${context} ${passage}`
}

function found(rule: string, message: string): GateFinding {
  return { gate: NAME, rule, message }
}
