import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  FORGE_NOW,
  type ForgeParty,
  forge,
  honestClaims,
  openPairParty,
  openSecretParty,
  shown,
  verdict,
} from '../testing/token-forge.ts'

let parties: readonly ForgeParty[] = []

beforeAll(async () => {
  parties = [await openPairParty('ES256'), await openSecretParty(randomBytes(32))]
})

const honest = JSON.stringify(honestClaims())
const without = (name: string): string => JSON.stringify({ ...honestClaims(), [name]: undefined })
const with_ = (member: string, text = honest): string => text.replace('{', `{${member},`)
const last = (member: string): string => honest.replace(/\}$/, `,${member}}`)
const bytes = (text: string): Buffer => Buffer.from(last('"note":"@"').replace('@', text), 'latin1')

const WRITTEN: readonly (readonly [name: string, payload: string | Buffer])[] = [
  ...['', ' ', 'null', 'true', '7', '-0', '"text"', '[]', '{}', '{', 'NaN', '[null]', '{}{}', '\u0000'].map(
    (text) => [`the text ${shown(text)}`, text] as const,
  ),
  ['a list around it', `[${honest}]`],
  ['a text around it', JSON.stringify(honest)],
  ['one more object', honest + honest],
  ['something after it', `${honest}x`],
  ['NUL after it', `${honest}\u0000`],
  ['a comma too many', honest.replace(/\}$/, ',}')],
  ['a comment', honest.replace('{', '{/**/')],
  ['names without quotes', honest.replace('"role"', 'role')],
  ['single quotes', honest.replaceAll('"', "'")],
  ['a line end inside a text', last('"note":"a\nb"')],
  ['a byte order mark', `\ufeff${honest}`],
  ['UTF-16', Buffer.from(honest, 'utf16le')],
  ['UTF-32', Buffer.from([...honest].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0]))],
  ['a token inside it', 'eyJhbGciOiJub25lIn0.e30.'],
  ['a token inside a text', '"eyJhbGciOiJub25lIn0.e30."'],
  ['a lone continuation byte', bytes('\x80')],
  ['a byte that is no UTF-8', bytes('\xff')],
  ['an overlong slash', bytes('\xc0\xaf')],
  ['an overlong NUL', bytes('\xc0\x80')],
  ['an overlong quote of three bytes', bytes('\xe0\x80\xa2')],
  ['a surrogate in UTF-8', bytes('\xed\xa0\x80')],
  ['a letter beyond Unicode', bytes('\xf4\x90\x80\x80')],
  ['a letter that is cut off', bytes('\xe2\x82')],
  ['a lone surrogate in its subject', honest.replace('"ada"', '"\\ud800"')],
  ['a lone surrogate in its tenant', honest.replace('"acme"', '"acme\\udc00"')],
  ['NUL by an escape in its subject', honest.replace('"ada"', '"ada\\u0000"')],
  ['an escape that is none', honest.replace('"ada"', '"\\x61da"')],
  ['exp 1e999', honest.replace(/"exp":\d+/, '"exp":1e999')],
  ['exp -1e999', honest.replace(/"exp":\d+/, '"exp":-1e999')],
  ['exp Infinity', honest.replace(/"exp":\d+/, '"exp":Infinity')],
  ['exp NaN', honest.replace(/"exp":\d+/, '"exp":NaN')],
  ['exp in hexadecimal', honest.replace(/"exp":\d+/, '"exp":0x7fffffff')],
  ['exp with a zero before it', honest.replace(/"exp":/, '"exp":0')],
  ['exp with a plus', honest.replace(/"exp":/, '"exp":+')],
  [
    'exp beyond what a number can tell apart',
    honest.replace(/"exp":\d+/, `"exp":${FORGE_NOW}000000000000000000001`),
  ],
  ['nbf 1e999', last('"nbf":1e999')],
  ['iat -1e999', honest.replace(/"iat":\d+/, '"iat":-1e999')],
  ['iat of the smallest number', honest.replace(/"iat":\d+/, '"iat":5e-324')],
  ['role twice, admin first', with_('"role":"admin"')],
  ['role twice, admin last', last('"role":"admin"')],
  ['role twice, by an escape', last('"r\\u006fle":"admin"')],
  ['role twice, by two escapes', with_('"\\u0072ole":"admin"')],
  ['role twice, the same', last('"role":"developer"')],
  ['exp twice', with_(`"exp":${FORGE_NOW - 1000}`)],
  ['sub twice', last('"sub":"root"')],
  ['tenant twice, by an escape', last('"tenan\\u0074":"other"')],
  ['aud twice', with_('"aud":"other"')],
  ['a member within a member twice', last('"x":{"a":1,"a":2}')],
  ['__proto__ with the role', with_('"__proto__":{"role":"admin"}', without('role'))],
  ['__proto__ with all claims', `{"__proto__":${honest}}`],
  ['__proto__ twice', last('"__proto__":{},"__proto__":{}')],
  ['constructor with the role', with_('"constructor":{"prototype":{"role":"admin"}}', without('role'))],
  ['lists in one another', last(`"x":${'['.repeat(2_000)}${']'.repeat(2_000)}`)],
  ['objects that never end', '{"x":'.repeat(2_000)],
  ['lists that never end', '['.repeat(6_000)],
  ['a number of ten thousand digits', last(`"x":${'9'.repeat(10_000)}`)],
  ['half a megabyte', last(`"x":"${'y'.repeat(500_000)}"`)],
  [
    'fifty thousand members',
    `{${Array.from({ length: 50_000 }, (_, index) => `"a${index}":0`).join()},${honest.slice(1)}`,
  ],
]

describe('forged payloads, signed by the right key', () => {
  it('accepts the controls', async () => {
    for (const payloadBytes of [honest, with_('"__proto__":{"role":"admin"}'), last('"note":"x"')])
      for (const party of parties)
        expect(await verdict(party.verifier, forge(party, { payloadBytes }))).toBe('accepted')
  })

  it('reads a role from its own member alone', async () => {
    for (const party of parties) {
      for (const member of [
        '"__proto__":{"role":"admin"}',
        '"constructor":{"role":"admin"}',
        '"Role":"admin"',
      ]) {
        const claims = await party.verifier.verify(forge(party, { payloadBytes: with_(member) }))
        expect([claims.role, Object.getPrototypeOf(claims)]).toEqual(['developer', Object.prototype])
      }
    }
    expect(Object.hasOwn(Object.prototype, 'role')).toBe(false)
  })

  it.each(WRITTEN)('refuses a payload written with %s', async (_name, payloadBytes) => {
    for (const party of parties)
      expect(await verdict(party.verifier, forge(party, { payloadBytes })), party.algorithm).toBe(
        'TOKEN_INVALID',
      )
  })
})
