import { Redactor, SECRET_KINDS } from '@golden-arch/core/validation'

/** Fields of ours whose values are secrets, beside those that every {@link Redactor} knows. */
const SECRET_FIELDS = ['token', 'jwt', 'connectionString']
const SHORTEST_SECRET = 8

/** Hides secrets by their form, by the names of fields, and `secrets` letter for letter. */
export function serverRedactor(secrets: readonly string[]): Redactor {
  return new Redactor({
    // A time in milliseconds may have the form of a card number.
    kinds: SECRET_KINDS.filter((kind) => kind !== 'card-number'),
    values: [...new Set(secrets.flatMap(spellingsOf))],
    fields: SECRET_FIELDS,
  })
}

/** The lines of a secret, and the password of an address as it is written and as it is meant. */
function spellingsOf(secret: string): readonly string[] {
  const password = URL.parse(secret)?.password ?? ''
  return [...secret.split(/[\r\n]+/), password, decoded(password)].filter(
    (text) => text.length >= SHORTEST_SECRET && !text.startsWith('-----'),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
