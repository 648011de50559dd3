import { maskSecrets } from './mask-secrets.ts'

/** `value` as indented JSON: instants as ISO 8601, 64-bit integers as decimal text, and no password of an address. */
export function jsonDocument(value: unknown): string {
  return JSON.stringify(
    value,
    (_, member: unknown) => {
      if (typeof member === 'bigint') return String(member)
      if (typeof member === 'string') return maskSecrets(member)
      return member
    },
    2,
  )
}
