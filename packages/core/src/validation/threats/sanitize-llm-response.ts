import { detectThreats } from './detect-threats.ts'
import type { DetectThreatsOptions } from './threat-options.ts'
import type { ThreatReport } from './threat-report.ts'

/**
 * Another name of `detectThreats`, for code that looks for one. In spite of its name it makes no text safe: it neither
 * encodes for a sink nor removes anything unless policy `redact` is asked for, and what no rule knows passes.
 * @deprecated Call `detectThreats`, and encode for the sink.
 * @throws InvalidOptionError `INVALID_OPTION` on a context, a policy or a limit that is not allowed.
 */
export function sanitizeLlmResponse(text: string, options: DetectThreatsOptions): ThreatReport {
  return detectThreats(text, options)
}
