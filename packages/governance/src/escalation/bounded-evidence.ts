import { InvalidOptionError } from '@golden-arch/core/errors'
import { jsonText } from '@golden-arch/core/storage'

/** Bytes of evidence, as JSON text in UTF-8, that an escalation keeps. */
export const MAX_EVIDENCE_BYTES = 16_384
const MAX_VALUE_LENGTH = 1000
const MAX_NAME_LENGTH = 100
/** Where a cut is told, with the size that the evidence had. */
const CUT_MARK = 'cutFromBytes'

/**
 * Evidence as JSON text of at most {@link MAX_EVIDENCE_BYTES}. What is longer is cut, as an escalation must not fail on
 * what a tool printed: long values to their first 1000 characters, then members are left out from the end, and
 * `cutFromBytes` tells the size it had.
 * @throws InvalidOptionError `INVALID_OPTION` where it is no object that JSON can hold.
 */
export function boundedEvidence(evidence: Readonly<Record<string, unknown>>): string {
  const text = evidenceText(evidence)
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_EVIDENCE_BYTES) return text
  // What JSON.stringify made of an object is an object again.
  const whole = JSON.parse(text) as Record<string, unknown>
  const kept: Record<string, unknown> = { [CUT_MARK]: bytes }
  let left = MAX_EVIDENCE_BYTES - Buffer.byteLength(jsonText(kept))
  for (const [name, value] of Object.entries(whole)) {
    if (name === CUT_MARK || name.length > MAX_NAME_LENGTH) continue
    const short = shortValue(value)
    const size = Buffer.byteLength(jsonText({ [name]: short })) - 1
    if (size > left) break
    left -= size
    Object.defineProperty(kept, name, { value: short, enumerable: true })
  }
  return jsonText(kept)
}

function evidenceText(evidence: Readonly<Record<string, unknown>>): string {
  const rule = 'an object of JSON values'
  if (typeof evidence !== 'object' || evidence === null || Array.isArray(evidence))
    throw new InvalidOptionError('evidence', rule, evidence)
  try {
    const text = jsonText(evidence)
    if (text.startsWith('{')) return text
  } catch {
    // A cycle, a bigint, or a toJSON that gives nothing: no text either.
  }
  throw new InvalidOptionError('evidence', rule, evidence)
}

function shortValue(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= MAX_VALUE_LENGTH ? value : `${text.slice(0, MAX_VALUE_LENGTH)}…`
}
