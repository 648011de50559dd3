import {
  ALPHANUMERIC,
  BASE64,
  BEARER,
  type CharacterSet,
  characterSet,
  DOTTED,
  UPPER_AND_DIGITS,
  URL_SAFE,
  WORD,
} from './character-set.ts'
import { hasBothCases, hasDigit, hasRandomStretch, looksOpaque } from './randomness.ts'
import type { SecretKind } from './secret-span.ts'

/** A secret known by how it begins. */
export interface TokenRule {
  readonly kind: SecretKind
  /** How it begins; each is found as it is written here. */
  readonly heads: readonly string[]
  /** What follows the head: the longest run of these characters. */
  readonly body: CharacterSet
  /** Shortest and longest body; without a longest, any longer run is the secret whole. */
  readonly min: number
  readonly max?: number
  /** Whether such a body is a secret. Default: any is. */
  readonly accepts?: (body: string, head: string) => boolean
  /** Whether the head belongs to what is hidden (`true`), or only announces it. */
  readonly hidesHead: boolean
  /** Characters that may stand between the head and the body, 8 at most. */
  readonly gap?: CharacterSet
  /** Whether `-`, `_` and `.` before the head show that it is only part of a longer word. */
  readonly isWordLike?: boolean
}

const ASSIGNMENT = characterSet(`"'=: \t\\`)

/** The forms of keys as their providers write them, seen in their documentation and in what they issue. */
export const TOKEN_RULES: readonly TokenRule[] = [
  {
    kind: 'anthropic-key',
    heads: ['sk-ant-'],
    body: URL_SAFE,
    min: 24,
    accepts: (body) => hasRandomStretch(body, 12),
    hidesHead: true,
  },
  {
    kind: 'openai-key',
    heads: ['sk-'],
    body: URL_SAFE,
    min: 32,
    accepts: (body) => hasRandomStretch(body, 16),
    hidesHead: true,
    isWordLike: true,
  },
  {
    kind: 'aws-access-key',
    heads: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    body: UPPER_AND_DIGITS,
    min: 16,
    max: 16,
    accepts: (body, head) => head === 'AKIA' || hasDigit(body),
    hidesHead: true,
  },
  {
    kind: 'aws-secret-key',
    heads: [
      'aws_secret_access_key',
      'AWS_SECRET_ACCESS_KEY',
      'aws_session_token',
      'AWS_SESSION_TOKEN',
      'secretAccessKey',
      'SecretAccessKey',
      'sessionToken',
      'SessionToken',
    ],
    gap: ASSIGNMENT,
    body: BASE64,
    min: 40,
    accepts: (body) => hasRandomStretch(body, 6),
    hidesHead: false,
  },
  {
    kind: 'github-token',
    heads: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    body: WORD,
    min: 36,
    accepts: (body) => hasRandomStretch(body, 12),
    hidesHead: true,
  },
  { kind: 'github-token', heads: ['github_pat_'], body: WORD, min: 40, accepts: hasDigit, hidesHead: true },
  {
    kind: 'gitlab-token',
    heads: ['glpat-', 'gldt-', 'glrt-'],
    body: URL_SAFE,
    min: 20,
    accepts: (body) => hasRandomStretch(body, 6),
    hidesHead: true,
  },
  { kind: 'google-key', heads: ['AIza'], body: URL_SAFE, min: 35, hidesHead: true, isWordLike: true },
  { kind: 'google-key', heads: ['ya29.'], body: DOTTED, min: 24, accepts: hasDigit, hidesHead: true },
  { kind: 'google-key', heads: ['GOCSPX-'], body: URL_SAFE, min: 24, hidesHead: true },
  {
    kind: 'slack-token',
    heads: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.', 'xoxc-', 'xoxd-', 'xapp-'],
    body: characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.%'),
    min: 20,
    accepts: hasDigit,
    hidesHead: true,
  },
  {
    kind: 'slack-token',
    heads: ['hooks.slack.com/services/', 'hooks.slack.com/workflows/', 'hooks.slack.com/triggers/'],
    body: characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/'),
    min: 24,
    accepts: hasDigit,
    hidesHead: false,
  },
  {
    kind: 'stripe-key',
    heads: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'],
    body: ALPHANUMERIC,
    min: 16,
    accepts: (body) => hasRandomStretch(body, 16),
    hidesHead: true,
  },
  {
    kind: 'stripe-key',
    heads: ['whsec_'],
    body: BASE64,
    min: 24,
    accepts: (body) => hasRandomStretch(body, 10),
    hidesHead: true,
  },
  {
    kind: 'npm-token',
    heads: ['npm_'],
    body: ALPHANUMERIC,
    min: 36,
    accepts: (body) => hasRandomStretch(body, 36),
    hidesHead: true,
  },
  {
    kind: 'hugging-face-token',
    heads: ['hf_'],
    body: ALPHANUMERIC,
    min: 34,
    accepts: hasBothCases,
    hidesHead: true,
    isWordLike: true,
  },
  {
    kind: 'sendgrid-key',
    heads: ['SG.'],
    body: DOTTED,
    min: 60,
    accepts: (body) => hasRandomStretch(body, 8),
    hidesHead: true,
    isWordLike: true,
  },
  {
    kind: 'jwt',
    heads: ['eyJ'],
    body: DOTTED,
    min: 20,
    accepts: isTokenBody,
    hidesHead: true,
    isWordLike: true,
  },
  {
    kind: 'bearer-token',
    heads: ['Bearer', 'bearer', 'BEARER'],
    gap: characterSet(' \t'),
    body: BEARER,
    min: 16,
    accepts: looksOpaque,
    hidesHead: false,
  },
  {
    kind: 'basic-credentials',
    heads: ['Basic', 'basic', 'BASIC'],
    gap: characterSet(' \t'),
    body: BASE64,
    min: 8,
    accepts: isNameAndPassword,
    hidesHead: false,
  },
]

const LONGEST_HEADER = 1024

/** A JSON Web Token's body, its `eyJ` taken off: a header that names an algorithm, and one more piece at least. */
function isTokenBody(body: string): boolean {
  const dot = body.indexOf('.')
  if (dot === -1 || dot > LONGEST_HEADER || dot + 1 >= body.length) return false
  const header = Buffer.from(`eyJ${body.slice(0, dot)}`, 'base64url').toString('latin1')
  return header.includes('"alg"')
}

/** The credentials of HTTP's Basic scheme (RFC 7617): a name, a colon and a password in Base64. */
function isNameAndPassword(body: string): boolean {
  const plain = Buffer.from(body.slice(0, LONGEST_HEADER), 'base64').toString('latin1')
  return /^[\x20-\x39\x3b-\x7e]*:[\x20-\x7e]+$/.test(plain)
}
