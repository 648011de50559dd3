import { findCards } from './find-cards.ts'
import { findEmails } from './find-emails.ts'
import { findPrivateKeys } from './find-private-keys.ts'
import { findTokens } from './find-tokens.ts'
import { findUrlPasswords } from './find-url-passwords.ts'
import type { SecretKind, SecretSpan } from './secret-span.ts'
import { TOKEN_RULES } from './token-rules.ts'

/** What is looked for. */
export interface SecretSearch {
  readonly kinds: ReadonlySet<SecretKind>
  /** Secrets known letter for letter, the longest first. */
  readonly values: readonly string[]
}

/**
 * The secrets of a text, in order and apart from one another. Takes time linear in the text's length. Where two overlap,
 * the one that begins first is kept and reaches as far as the other does; an e-mail address gives way.
 */
export function findSecrets(text: string, { kinds, values }: SecretSearch): SecretSpan[] {
  const spans = values.flatMap((value) => findValue(text, value))
  if (kinds.has('private-key')) {
    for (const { kind, start, end, hasKey } of findPrivateKeys(text))
      if (hasKey) spans.push({ kind, start, end })
  }
  if (kinds.has('url-password')) spans.push(...findUrlPasswords(text))
  for (const rule of TOKEN_RULES) if (kinds.has(rule.kind)) spans.push(...findTokens(text, rule))
  if (kinds.has('card-number')) spans.push(...findCards(text))
  if (kinds.has('email')) spans.push(...findEmails(text))
  return spans.length < 2 ? spans : withoutOverlaps(spans)
}

function findValue(text: string, value: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
    spans.push({ kind: 'known-secret', start: at, end: at + value.length })
  }
  return spans
}

/** The sort is stable, so that of two that begin together the one looked for first gives the name. */
function withoutOverlaps(spans: readonly SecretSpan[]): SecretSpan[] {
  const kept: SecretSpan[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1)
    if (last === undefined || span.start >= last.end) kept.push(span)
    else if (span.kind !== 'email' && span.end > last.end) kept[kept.length - 1] = { ...last, end: span.end }
  }
  return kept
}
