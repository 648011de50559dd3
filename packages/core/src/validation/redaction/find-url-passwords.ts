import type { SecretSpan } from './secret-span.ts'

/** Where the authority of a URL ends, or what no URL holds. */
const AUTHORITY_END = /[\s/?#"'`<>\\]/g
/** What documentation and configuration write in a password's place. */
const PLACEHOLDER =
  /^(?:\*+|x+|\.+|…|\$?\{.*\}|\$\w+|%\w+%|\[.*\]|:?pass(?:word)?|PASS(?:WORD)?|secret|SECRET)$/

/** The passwords in URLs of the form `scheme://user:password@host`. */
export function findUrlPasswords(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (let mark = text.indexOf('://'); mark !== -1; mark = text.indexOf('://', mark + 3)) {
    const start = mark + 3
    AUTHORITY_END.lastIndex = start
    const authority = text.slice(start, AUTHORITY_END.exec(text)?.index ?? text.length)
    const at = authority.lastIndexOf('@')
    const colon = authority.indexOf(':')
    if (colon === -1 || at <= colon + 1) continue
    if (PLACEHOLDER.test(authority.slice(colon + 1, at))) continue
    spans.push({ kind: 'url-password', start: start + colon + 1, end: start + at })
  }
  return spans
}
