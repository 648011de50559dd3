/** What is taken out of details before they are hashed and stored. */
export interface AuditRedaction {
  /**
   * The details that an action may keep, by action; the others are left out. An action that is not named keeps all of
   * them. Default: none named.
   */
  readonly allowedDetails?: Readonly<Record<string, readonly string[]>>
}

const REDACTED = '[redacted]'

/** Texts that are secrets by their shape, in the prefixes that issuers document. */
const SECRET_SHAPES: readonly RegExp[] = [
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  /\b(?:sk|rk|pk)[-_][A-Za-z0-9][\w-]{18,}/g,
  /\bgh[opsur]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_\w{30,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /(?<=\b(?:bearer|basic) )[A-Za-z0-9+/=._~-]{8,}/gi,
  /(?<=:\/\/[^\s:/@]{0,256}:)[^\s/@]{1,256}(?=@)/g,
]

/** Names whose text values are secrets whatever they look like. */
const SECRET_NAME =
  /^(?:pass(?:word|wd|phrase)?|secret|token|authorization|cookie|set[-_]?cookie|(?:client[-_]?)?secret|api[-_]?key|private[-_]?key|(?:access|refresh|id|auth)[-_]?token)$/i

/**
 * Details without the secrets that are known by name or shape, and without what their action may not keep; each secret
 * becomes `[redacted]`, in text at any depth.
 */
export function redactDetails(
  action: string,
  details: Readonly<Record<string, unknown>>,
  redaction: AuditRedaction = {},
): Readonly<Record<string, unknown>> {
  const allowed =
    redaction.allowedDetails !== undefined && Object.hasOwn(redaction.allowedDetails, action)
      ? redaction.allowedDetails[action]
      : undefined
  const kept =
    allowed === undefined
      ? details
      : Object.fromEntries(Object.entries(details).filter(([name]) => allowed.includes(name)))
  // Written as JSON first, so that what is read here is what is stored, and no cycle or depth can trap the walk.
  const text = JSON.stringify(kept, (name, value: unknown) => redactMember(name, value))
  // The text is that of an object, as it was made from one.
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}

/** A text without the secrets that are known by shape. */
export function redactText(text: string): string {
  return SECRET_SHAPES.reduce((redacted, shape) => redacted.replace(shape, REDACTED), text)
}

function redactMember(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return SECRET_NAME.test(name) && value !== '' ? REDACTED : redactText(value)
}
