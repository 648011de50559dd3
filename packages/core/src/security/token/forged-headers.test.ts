import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { eachSays, type ForgeParties, openForgeParties, verdictsOf } from '../testing/forge-parties.ts'
import { type ForgedParts, type ForgeParty, forge, honestHeader, shown } from '../testing/token-forge.ts'

type HeaderAttack = readonly [name: string, parts: (party: ForgeParty) => ForgedParts]

let parties: ForgeParties

beforeAll(async () => {
  parties = await openForgeParties()
})

const verdicts = (make: (party: ForgeParty) => unknown) => verdictsOf(parties, make)
const INVALID = eachSays('TOKEN_INVALID')

const hmac = (key: string | Buffer, input: string) => createHmac('sha256', key).update(input).digest()

const NONES = [
  'none',
  'None',
  'NONE',
  'nOnE',
  'none ',
  ' none',
  'none\u0000',
  '\uff4eone',
  '',
  'null',
  'undefined',
]

const HEADERS: readonly HeaderAttack[] = [
  ...NONES.flatMap((alg): HeaderAttack[] => [
    [`alg ${shown(alg)} without a signature`, () => ({ header: { alg }, signature: () => '' })],
    [`alg ${shown(alg)} over an honest signature`, () => ({ header: { alg } })],
    [
      `alg ${shown(alg)} without kid or signature`,
      () => ({ header: { alg, kid: undefined }, signature: () => '' }),
    ],
  ]),
  ...[
    undefined,
    null,
    0,
    true,
    [],
    {},
    ['RS256'],
    ['ES256'],
    'rs256',
    'RS384',
    'RS512',
    'PS256',
    'ES384',
    'ES256K',
    'Ed448',
    'HS384',
    'HS512',
    'HS1',
    'dir',
    'PBES2-HS256+A128KW',
    '__proto__',
    'constructor',
    'RS256 ',
    'RSASSA-PKCS1-v1_5',
  ].map((alg): HeaderAttack => [`alg ${shown(alg)}`, () => ({ header: { alg } })]),
  [
    'the fully specified name of another algorithm',
    ({ algorithm }) => ({ header: { alg: algorithm === 'EdDSA' ? 'Ed448' : 'Ed25519' } }),
  ],
  ...[
    undefined,
    null,
    0,
    true,
    [],
    {},
    '',
    ' ',
    '.',
    '..',
    '../../dev/null',
    "' OR '1'='1",
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'keys',
    'k'.repeat(10_000),
    '\u0000',
    '\ud800',
    '%00',
    '*',
  ].map((kid): HeaderAttack => [`kid ${shown(kid)}`, () => ({ header: { kid } })]),
  ['kid in a list', ({ keyId }) => ({ header: { kid: [keyId] } })],
  ['kid in an object', ({ keyId }) => ({ header: { kid: { toString: keyId } } })],
  ['kid with a blank at its end', ({ keyId }) => ({ header: { kid: `${keyId} ` } })],
  ['kid with NUL at its end', ({ keyId }) => ({ header: { kid: `${keyId}\u0000` } })],
  ['kid in capitals', ({ keyId }) => ({ header: { kid: `${keyId.toUpperCase()}a` } })],
  ['kid cut by one letter', ({ keyId }) => ({ header: { kid: keyId.slice(0, -1) } })],
  [
    'kid that is empty and an HMAC under no key',
    () => ({ header: { kid: '', alg: 'HS256' }, signature: (input) => hmac('', input) }),
  ],
  ...[
    undefined,
    null,
    '',
    'JWT',
    'jwt',
    'at',
    'id+jwt',
    'rt+jwt',
    'dpop+jwt',
    'logout+jwt',
    'at+jwt ',
    'at+jwt;v=1',
    'at+jwt\u0000',
    'text/at+jwt',
    ['at+jwt'],
    {},
    7,
  ].map((typ): HeaderAttack => [`typ ${shown(typ)}`, () => ({ header: { typ } })]),
  ...[[], null, 'exp', {}, ['exp'], ['alg'], ['kid'], ['b64'], ['unknown'], ['exp', 'exp'], [7], ['']].map(
    (crit): HeaderAttack => [
      `crit ${shown(crit)}`,
      () => ({ header: { crit, exp: 4e9, b64: true, unknown: 1, '': 1 } }),
    ],
  ),
  ['crit that names what is not there', () => ({ header: { crit: ['iss'] } })],
  ['b64 true', () => ({ header: { b64: true } })],
  ['b64 false', () => ({ header: { b64: false } })],
  ['zip', () => ({ header: { zip: 'DEF' } })],
  ['cty JWT', () => ({ header: { cty: 'JWT' } })],
  ['enc', () => ({ header: { enc: 'A256GCM' } })],
  ['a count of passes', () => ({ header: { alg: 'PBES2-HS256+A128KW', p2c: 1e9, p2s: 'AAAA' } })],
  ['a member nobody knows', () => ({ header: { debug: true } })],
  ['claims in the header', () => ({ header: { role: 'admin', tenant: 'acme' } })],
  ['a nonce', () => ({ header: { nonce: 'x' } })],
  ['a header of half a megabyte', () => ({ header: { typ: 'at+jwt', x: 'y'.repeat(500_000) } })],
]

/** Headers as they are written, each signed with the right key. */
const WRITTEN_HEADERS: readonly (readonly [
  string,
  (honest: string, party: ForgeParty) => string | Buffer,
])[] = [
  ...['', ' ', 'null', 'true', '7', '"text"', '[]', '{}', '{', 'NaN', "{'alg':'none'}", '\u0000'].map(
    (text) => [`the text ${shown(text)}`, () => text] as const,
  ),
  ['a list around it', (honest) => `[${honest}]`],
  ['a text around it', (honest) => JSON.stringify(honest)],
  ['two objects', (honest) => honest + honest],
  ['something after it', (honest) => `${honest} x`],
  ['NUL after it', (honest) => `${honest}\u0000`],
  ['a comma too many', (honest) => honest.replace('}', ',}')],
  ['a comment', (honest) => honest.replace('{', '{/**/')],
  ['a byte order mark', (honest) => `\ufeff${honest}`],
  ['UTF-16', (honest) => Buffer.from(honest, 'utf16le')],
  [
    'a byte that is no UTF-8',
    (honest) => Buffer.concat([Buffer.from(honest.slice(0, -1)), Buffer.from(',"x":"\xff"}', 'latin1')]),
  ],
  [
    'an overlong quote',
    (honest) => Buffer.concat([Buffer.from(honest.slice(0, -1)), Buffer.from(',"x":"\xc0\xa2"}', 'latin1')]),
  ],
  ['alg twice, none first', (honest) => honest.replace('{', '{"alg":"none",')],
  ['alg twice, none last', (honest) => honest.replace('}', ',"alg":"none"}')],
  [
    'alg twice, none first, with an escape in its name',
    (honest) => honest.replace('{', '{"\\u0061lg":"none",'),
  ],
  [
    'alg twice, none last, with an escape in its name',
    (honest) => honest.replace('}', ',"al\\u0067":"none"}'),
  ],
  ['alg twice, the same', (honest, { algorithm }) => honest.replace('}', `,"alg":"${algorithm}"}`)],
  ['kid twice, ours first', (honest) => honest.replace('}', ',"kid":"other"}')],
  ['kid twice, ours last', (honest) => honest.replace('{', '{"kid":"other",')],
  ['kid twice, with an escape', (honest) => honest.replace('{', '{"ki\\u0064":"other",')],
  ['typ twice', (honest) => honest.replace('{', '{"typ":"JWT",')],
  ['__proto__ with the algorithm', (honest) => honest.replace('}', ',"__proto__":{"alg":"none"}}')],
  [
    'no alg of its own but one by __proto__',
    (honest, { algorithm }) => honest.replace(`"alg":"${algorithm}"`, `"__proto__":{"alg":"${algorithm}"}`),
  ],
  [
    'ten thousand lists in one another',
    (honest) => honest.replace('}', `,"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
  ],
  ['none by an escape', (honest) => honest.replace(/"alg":"\w+"/, '"alg":"no\\u006ee"')],
  ['forty lists in one another', (honest) => honest.replace('}', `,"x":${'['.repeat(40)}${']'.repeat(40)}}`)],
  ['ten thousand objects that never end', () => '{"x":'.repeat(10_000)],
]

describe('forged headers', () => {
  it('accepts the honest control of each key, at either verifier', async () => {
    expect(await verdicts((party) => forge(party))).toEqual(eachSays('accepted'))
  })

  it.each(HEADERS)('refuses a header with %s', async (_name, parts) => {
    expect(await verdicts((party) => forge(party, parts(party)))).toEqual(INVALID)
  })

  it.each(WRITTEN_HEADERS)('refuses a header written with %s', async (_name, write) => {
    const make = (party: ForgeParty) =>
      forge(party, { headerBytes: write(JSON.stringify(honestHeader(party)), party) })
    expect(await verdicts(make)).toEqual(INVALID)
  })
})
