import { createHash, generateKeyPairSync } from 'node:crypto'
import type { SecretKind } from '../secret-span.ts'

/** A made-up secret of a known form. Its parts are put together here, so that no scanner takes this file for a leak. */
export interface SecretSample {
  readonly kind: SecretKind
  readonly secret: string
  /** What must stand before and after it for the form to be known. */
  readonly before?: string
  readonly after?: string
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOWER = UPPER.toLowerCase()
const DIGITS = '0123456789'
const ALPHANUMERIC = UPPER + LOWER + DIGITS
const URL_SAFE = `${ALPHANUMERIC}-_`

/** `length` characters of `alphabet` that look random, always the same for one seed. */
function randomText(seed: string, length: number, alphabet: string): string {
  let text = ''
  for (let block = 0; text.length < length; block++) {
    const bytes = createHash('sha512').update(`${seed}:${block}`).digest()
    for (const byte of bytes) text += alphabet[byte % alphabet.length] ?? ''
  }
  return text.slice(0, length)
}

function withLuhnDigit(digits: string): string {
  for (let last = 0; last < 10; last++) {
    const sum = [...`${digits}${last}`]
      .reverse()
      .map((digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 2))
      .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0)
    if (sum % 10 === 0) return `${digits}${last}`
  }
  return digits
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** One secret of each form, different for each seed. */
export function secretSamples(seed: number): readonly SecretSample[] {
  const random = (name: string, length: number, alphabet = ALPHANUMERIC): string =>
    randomText(`${seed}/${name}`, length, alphabet)
  const card = (prefix: string, length: number): string =>
    withLuhnDigit(`${prefix}${random(prefix, length - prefix.length - 1, DIGITS)}`)
  const visa = card('4', 16)
  const token = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: random('sub', 8) })}.${random('sig', 43, URL_SAFE)}`
  return [
    { kind: 'anthropic-key', secret: `sk-${'ant'}-api03-${random('anthropic', 93, URL_SAFE)}AA` },
    { kind: 'openai-key', secret: `sk-${'proj'}-${random('project', 124, URL_SAFE)}` },
    { kind: 'openai-key', secret: `${'sk'}-${random('legacy', 48)}` },
    { kind: 'aws-access-key', secret: `${'AK'}IA${random('akia', 16, `${UPPER}234567`)}` },
    { kind: 'aws-access-key', secret: `${'AS'}IA${random('asia', 15, `${UPPER}234567`)}7` },
    {
      kind: 'aws-secret-key',
      secret: random('aws', 40, `${ALPHANUMERIC}/+`),
      before: 'aws_secret_access_key = "',
      after: '"',
    },
    {
      kind: 'aws-secret-key',
      secret: random('aws', 40, `${ALPHANUMERIC}/+`),
      before: '"SecretAccessKey": "',
      after: '"',
    },
    { kind: 'github-token', secret: `gh${'p'}_${random('ghp', 36)}` },
    { kind: 'github-token', secret: `gh${'s'}_${random('ghs', 36)}` },
    { kind: 'github-token', secret: `github_${'pat'}_${random('pat', 22)}_${random('pat2', 59)}` },
    { kind: 'gitlab-token', secret: `gl${'pat'}-x7K${random('glpat', 17)}` },
    { kind: 'google-key', secret: `AI${'za'}${random('aiza', 35, URL_SAFE)}` },
    { kind: 'google-key', secret: `ya${'29'}.${random('ya29', 120, URL_SAFE)}` },
    { kind: 'google-key', secret: `GOC${'SPX'}-${random('gocspx', 28, URL_SAFE)}` },
    {
      kind: 'slack-token',
      secret: `xox${'b'}-${random('s1', 12, DIGITS)}-${random('s2', 12, DIGITS)}-${random('s3', 24)}`,
    },
    {
      kind: 'slack-token',
      secret: `T0${random('t', 8, UPPER)}/B0${random('b', 8, UPPER)}/${random('hook', 24)}`,
      before: 'https://hooks.slack.com/services/',
    },
    { kind: 'stripe-key', secret: `sk_${'live'}_${random('stripe', 24)}` },
    { kind: 'stripe-key', secret: `rk_${'test'}_${random('stripe', 99)}` },
    { kind: 'npm-token', secret: `np${'m'}_${random('npm', 36)}` },
    { kind: 'hugging-face-token', secret: `h${'f'}_${random('hf', 34, UPPER + LOWER)}` },
    { kind: 'sendgrid-key', secret: `S${'G'}.${random('sg', 22, URL_SAFE)}.${random('sg2', 43, URL_SAFE)}` },
    { kind: 'jwt', secret: token },
    { kind: 'bearer-token', secret: `${random('bearer', 40)}12`, before: 'Authorization: Bearer ' },
    { kind: 'bearer-token', secret: random('hex', 32, '0123456789abcdef'), before: 'authorization: bearer ' },
    {
      kind: 'basic-credentials',
      secret: Buffer.from(`ann:${random('pw', 9)}`).toString('base64'),
      before: 'Authorization: Basic ',
    },
    {
      kind: 'url-password',
      secret: `${random('db', 14)}!`,
      before: 'postgres://app:',
      after: '@db.internal.example:5432/app',
    },
    { kind: 'card-number', secret: visa },
    { kind: 'card-number', secret: visa.replace(/(\d{4})(?=\d)/g, '$1 ') },
    { kind: 'card-number', secret: visa.replace(/(\d{4})(?=\d)/g, '$1-') },
    { kind: 'card-number', secret: card('53', 16) },
    { kind: 'card-number', secret: card('37', 15).replace(/^(\d{4})(\d{6})/, '$1 $2 ') },
    { kind: 'email', secret: `${random('mail', 7, LOWER)}.o'hara+news@mail.example.org` },
    { kind: 'email', secret: `${random('mail', 3, LOWER)}_9@${random('host', 6, LOWER)}.co.uk` },
  ]
}

/** Private keys in the forms that OpenSSL writes, made anew. */
export function privateKeySamples(): readonly string[] {
  const ed25519 = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const ec = pair.export({ type: 'sec1', format: 'pem' }).toString()
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'words' }
  const encrypted = pair.export({ type: 'sec1', format: 'pem', ...cipher }).toString()
  return [ed25519, ec, encrypted].map((pem) => pem.trimEnd())
}
