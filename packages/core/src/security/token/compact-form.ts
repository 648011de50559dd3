const MAX_TOKEN_LENGTH = 4096
const HEADER_MEMBERS: ReadonlySet<string> = new Set(['alg', 'kid', 'typ'])

/**
 * Why a text is no token as our issuer writes them, or undefined. Three parts of canonical base64url, so that one token
 * has one spelling; a header of `alg`, `kid` and `typ` alone; and JSON in the exact form of JSON.stringify, which no
 * duplicate member, blank, or number out of range can have.
 */
export function findFormFault(token: string): string | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return 'too long'
  const parts = token.split('.')
  if (parts.length !== 3) return 'not three parts'
  if (!parts.every(isCanonicalBase64Url)) return 'not canonical base64url'
  const [header = '', payload = ''] = parts
  const members = parseExactObject(header)
  if (members === undefined || parseExactObject(payload) === undefined) return 'not exact JSON objects'
  return Object.keys(members).every((name) => HEADER_MEMBERS.has(name)) ? undefined : 'unknown header member'
}

function isCanonicalBase64Url(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part
}

function parseExactObject(part: string): object | undefined {
  const text = Buffer.from(part, 'base64url').toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}
