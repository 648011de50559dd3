import { createHash } from 'node:crypto'
import type { EscalationSubject } from './raised-escalation.ts'

/** Characters of a key at most. */
export const MAX_KEY_LENGTH = 256

/**
 * The key of a subject and a reason: `kind/id/reason`, each part escaped as in a URL so that no two keys are one; a
 * longer key is its SHA-256.
 */
export function deduplicationKey(subject: EscalationSubject, reason: string): string {
  const key = [subject.kind, subject.id, reason].map((part) => encodeURIComponent(part)).join('/')
  if (key.length <= MAX_KEY_LENGTH) return key
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}
