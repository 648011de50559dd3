import { InvalidOptionError, requireOneOf, withDefaults } from '../../errors/index.ts'
import { findSecrets, type SecretSearch } from './find-secrets.ts'
import { redactValue } from './redact-value.ts'
import type { SecretKind, SecretSpan } from './secret-span.ts'
import { StreamRedactor, type StreamRedactorOptions } from './stream-redactor.ts'

/** Every kind that a {@link Redactor} knows. */
export const SECRET_KINDS: readonly SecretKind[] = Object.freeze([
  'known-secret',
  'private-key',
  'url-password',
  'anthropic-key',
  'openai-key',
  'aws-access-key',
  'aws-secret-key',
  'github-token',
  'gitlab-token',
  'google-key',
  'slack-token',
  'stripe-key',
  'npm-token',
  'hugging-face-token',
  'sendgrid-key',
  'jwt',
  'bearer-token',
  'basic-credentials',
  'card-number',
  'email',
])

const DEFAULT_SECRET_FIELDS: readonly string[] = [
  'accessToken',
  'apiKey',
  'authorization',
  'clientSecret',
  'cookie',
  'idToken',
  'passphrase',
  'passwd',
  'password',
  'privateKey',
  'proxyAuthorization',
  'refreshToken',
  'secret',
  'secretAccessKey',
  'sessionToken',
  'setCookie',
  'xApiKey',
]

const MIN_VALUE_LENGTH = 8
const MAX_VALUES = 1000
const MAX_OBJECTS = 10_000

const DEFAULTS = Object.freeze({ kinds: SECRET_KINDS, values: [], fields: [] })

/** What a {@link Redactor} hides. */
export interface RedactorOptions {
  /** What is looked for in texts. Default all of {@link SECRET_KINDS}. */
  readonly kinds?: readonly SecretKind[] | undefined
  /** Secrets known letter for letter, such as the process's own keys: 8 characters or more on one line, 1000 at most. */
  readonly values?: readonly string[] | undefined
  /**
   * Names of fields whose value is hidden whole by {@link Redactor.redactValue}, besides `password`, `authorization`,
   * `cookie` and their like. Case, `-` and `_` make no difference.
   */
  readonly fields?: readonly string[] | undefined
}

/** A text without its secrets. */
export interface RedactedText {
  readonly text: string
  /** What was found, with its place in the original text. */
  readonly secrets: readonly SecretSpan[]
}

/**
 * Hides secrets and personal data in texts and values, before they reach a log or a prompt: keys of the known providers,
 * tokens, private keys, card numbers and e-mail addresses, each replaced by `[redacted:kind]`. Forms only are known: a
 * password in a sentence is not seen. Holds no state but its options; the same text always gives the same result.
 */
export class Redactor {
  readonly #search: SecretSearch
  readonly #fields: ReadonlySet<string>

  /** @throws InvalidOptionError `INVALID_OPTION` on an unknown kind or a value that is too short. */
  constructor(options: RedactorOptions = {}) {
    const given = withDefaults<RedactorOptions, typeof DEFAULTS>(options, DEFAULTS)
    const kinds = given.kinds.map((kind) => requireOneOf('kinds', kind, SECRET_KINDS))
    const values = given.values.map(requireValue).toSorted((a, b) => b.length - a.length)
    if (values.length > MAX_VALUES) {
      throw new InvalidOptionError('values', `${MAX_VALUES} texts at most`, values.length)
    }
    this.#search = { kinds: new Set(kinds), values }
    this.#fields = new Set([...DEFAULT_SECRET_FIELDS, ...given.fields].map(fieldKey))
  }

  /** The secrets of `text`, in order and apart from one another. Time linear in the length of the text. */
  find(text: string): readonly SecretSpan[] {
    return findSecrets(text, this.#search)
  }

  /** `text` with each secret replaced by its marker; the very text where there is none. */
  redact(text: string): RedactedText {
    const secrets = this.find(text)
    if (secrets.length === 0) return { text, secrets }
    let redacted = ''
    let from = 0
    for (const { kind, start, end } of secrets) {
      redacted += `${text.slice(from, start)}${redactionMarker(kind)}`
      from = end
    }
    return { text: redacted + text.slice(from), secrets }
  }

  /**
   * `value` with the secrets of its texts hidden, keys included, and those of its secret fields whole; the very value
   * where there is nothing to hide. Errors become plain objects of their name, message, code, details, causes and stack.
   * What lies more than 10 levels deep, beyond 1000 entries of one object or beyond 10000 objects is left out and marked.
   */
  redactValue(value: unknown): unknown {
    return redactValue(value, {
      text: (text) => this.redact(text).text,
      hidesNumbers: this.#search.kinds.has('card-number'),
      isSecretField: (name) => this.#fields.has(fieldKey(name)),
      budget: { left: MAX_OBJECTS },
    })
  }

  /**
   * A redactor for a text that comes in pieces, wherever these are cut.
   * @throws InvalidOptionError `INVALID_OPTION` on an option out of range.
   */
  stream(options: StreamRedactorOptions = {}): StreamRedactor {
    return new StreamRedactor(this, options)
  }
}

/** What stands in the place of a secret. */
export function redactionMarker(kind: SecretKind): string {
  return `[redacted:${kind}]`
}

function requireValue(value: string, index: number): string {
  if (typeof value === 'string' && value.length >= MIN_VALUE_LENGTH && !/[\r\n]/.test(value)) return value
  // The value is a secret: the error says nothing of it.
  throw new InvalidOptionError(
    `values[${index}]`,
    `a text of ${MIN_VALUE_LENGTH} characters or more on one line`,
    typeof value,
  )
}

function fieldKey(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}
