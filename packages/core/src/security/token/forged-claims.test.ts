import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  FORGE_NOW,
  type ForgedParts,
  type ForgeParty,
  forge,
  openPairParty,
  openSecretParty,
  shown,
  verdict,
} from '../testing/token-forge.ts'

/** A payload that the right key signs: its members, or how its text is written. */
type ClaimAttack = readonly [name: string, parts: ForgedParts]

let parties: readonly ForgeParty[] = []

beforeAll(async () => {
  parties = [await openPairParty('ES256'), await openSecretParty(randomBytes(32))]
})

const each = (claim: string, values: readonly unknown[]): ClaimAttack[] =>
  values.map((value) => [`${claim} ${shown(value)}`, { claims: { [claim]: value } }])

const NO_TEXTS: readonly unknown[] = [undefined, null, '', 0, 7, true, [], {}, [''], { toString: 'ada' }]
const NO_TIMES: readonly unknown[] = [
  undefined,
  null,
  '',
  true,
  false,
  [],
  {},
  [FORGE_NOW + 60],
  String(FORGE_NOW + 60),
  `${FORGE_NOW}s`,
  'NaN',
  -1,
  0,
  -FORGE_NOW,
]

const CLAIMS: readonly ClaimAttack[] = [
  ...each('iss', [
    ...NO_TEXTS,
    `${FORGE_ISSUER}/`,
    `${FORGE_ISSUER}:443`,
    `${FORGE_ISSUER} `,
    ` ${FORGE_ISSUER}`,
    FORGE_ISSUER.toUpperCase(),
    'https://Golden.example',
    'http://golden.example',
    'golden.example',
    'https://golden.example.evil.example',
    'https://evil.example/https://golden.example',
    'https://user@golden.example',
    'https://golden.example#x',
    'https://golden.example?',
    'https://g\u043elden.example',
    'https://golden.exampl\u00e9',
    `${FORGE_ISSUER}\u0000`,
    [FORGE_ISSUER],
    [FORGE_ISSUER, 'https://evil.example'],
    { iss: FORGE_ISSUER },
    '*',
  ]),
  ...each('aud', [
    ...NO_TEXTS,
    'other',
    'golden',
    `${FORGE_AUDIENCE}-2`,
    `${FORGE_AUDIENCE} `,
    FORGE_AUDIENCE.toUpperCase(),
    `${FORGE_AUDIENCE},other`,
    `${FORGE_AUDIENCE} other`,
    ['other'],
    [[FORGE_AUDIENCE]],
    [{ aud: FORGE_AUDIENCE }],
    { 0: FORGE_AUDIENCE, length: 1 },
    '*',
    ['*'],
    `${FORGE_AUDIENCE}\u0000`,
  ]),
  ...each('sub', [
    ...NO_TEXTS,
    'a'.repeat(257),
    'ada\u0000',
    'ada\nroot',
    'ada\u007f',
    ['ada'],
    'x'.repeat(30_000),
  ]),
  ...each('tenant', [
    ...NO_TEXTS,
    'a'.repeat(129),
    'acme\u0000',
    'acme\r\n',
    ['acme'],
    ['acme', 'other'],
    { id: 'acme' },
  ]),
  ...each('role', [
    ...NO_TEXTS,
    'Admin',
    'ADMIN',
    'admin ',
    ' admin',
    'admin\u0000',
    '\u0430dmin',
    '\uff41dmin',
    'adm\u0131n',
    'root',
    'superadmin',
    'owner',
    '*',
    'developer,admin',
    'developer admin',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    ['admin'],
    ['developer', 'admin'],
    { admin: true },
    { role: 'admin' },
    { includes: 'admin' },
    'security',
    'tester',
  ]),
  ...each('kind', [
    ...NO_TEXTS,
    'Human',
    'HUMAN',
    'human ',
    'human\u0000',
    'person',
    'user',
    'system',
    'robot',
    'admin',
    'anonymous',
    '__proto__',
    'h\u00fcman',
    ['human'],
    { kind: 'human' },
  ]),
  ...each('jti', [...NO_TEXTS, 'a'.repeat(257), 'x\u0000', 'x\n', ['x'], 'x'.repeat(30_000)]),
  ...each('iat', [
    ...NO_TIMES,
    FORGE_NOW + 6,
    FORGE_NOW + 3600,
    FORGE_NOW * 1000,
    FORGE_NOW - 10.5,
    FORGE_NOW - 906,
    FORGE_NOW + 700,
    8.64e15,
    1e308,
    -8.64e12,
  ]),
  ...each('exp', [
    ...NO_TIMES.slice(0, -3),
    FORGE_NOW * 1000,
    (FORGE_NOW + 600) * 1000,
    FORGE_NOW + 100.5,
    FORGE_NOW + 891,
    FORGE_NOW + 3600,
    8.64e12,
    8.64e15,
    1e21,
    1e308,
    Number.MAX_SAFE_INTEGER,
    FORGE_NOW - 10,
    FORGE_NOW - 11,
    4294967296 * 2,
  ]),
  ...each('nbf', [
    FORGE_NOW + 6,
    FORGE_NOW + 60,
    FORGE_NOW * 1000,
    1e308,
    null,
    '',
    'now',
    String(FORGE_NOW - 60),
    true,
    [],
    {},
  ]),
  ['a lifetime beyond the cap within its age', { claims: { iat: FORGE_NOW - 5, exp: FORGE_NOW + 896 } }],
  ['a lifetime beyond the cap that ends as usual', { claims: { iat: FORGE_NOW - 895, exp: FORGE_NOW + 60 } }],
  ['an end before its beginning', { claims: { iat: FORGE_NOW + 4, exp: FORGE_NOW + 3 } }],
  ['an end that is its beginning', { claims: { iat: FORGE_NOW, exp: FORGE_NOW } }],
  [
    'all of its times in milliseconds',
    { claims: { iat: FORGE_NOW * 1000 - 10_000, exp: FORGE_NOW * 1000 + 600_000 } },
  ],
  ['camel-cased names in place of ours', { claims: { tenant: undefined, tenantId: 'acme' } }],
  ['a list of roles in place of a role', { claims: { role: undefined, roles: ['admin'] } }],
  ['names in capitals', { claims: { role: undefined, ROLE: 'admin', Role: 'admin' } }],
  ['names with a blank', { claims: { role: undefined, 'role ': 'admin' } }],
  ['names in other letters', { claims: { role: undefined, 'r\u043ele': 'admin' } }],
]

describe('forged claims, signed by the right key', () => {
  it.each<ClaimAttack>([
    ['no change', {}],
    ['its issue at the edge of the tolerance', { claims: { iat: FORGE_NOW + 5, exp: FORGE_NOW + 900 } }],
    ['its end at the edge of the tolerance', { claims: { exp: FORGE_NOW - 4, iat: FORGE_NOW - 800 } }],
    ['the longest lifetime', { claims: { iat: FORGE_NOW - 10, exp: FORGE_NOW + 890 } }],
    ['nbf in the past', { claims: { nbf: FORGE_NOW - 10 } }],
    ['the longest subject', { claims: { sub: 'a'.repeat(256) } }],
    ['the longest tenant', { claims: { tenant: 'a'.repeat(128) } }],
    ['letters beyond ASCII', { claims: { sub: 'Zo\u00eb \u{1f600}' } }],
    ['a claim nobody asks for', { claims: { note: 'x' } }],
    ['another kind', { claims: { kind: 'service', role: 'operator' } }],
  ])('accepts the control with %s', async (_name, parts) => {
    for (const party of parties) expect(await verdict(party.verifier, forge(party, parts))).toBe('accepted')
  })

  it.each(CLAIMS)('refuses %s', async (_name, parts) => {
    for (const party of parties)
      expect(await verdict(party.verifier, forge(party, parts)), party.algorithm).toBe('TOKEN_INVALID')
  })

  it.each([5, 6, 60, 890, 100_000])(
    'says TOKEN_EXPIRED %i seconds after the end, and only of what is genuine',
    async (seconds) => {
      const claims = { iat: FORGE_NOW - seconds - 600, exp: FORGE_NOW - seconds }
      for (const party of parties) {
        expect(await verdict(party.verifier, forge(party, { claims }))).toBe('TOKEN_EXPIRED')
        const others: ForgedParts[] = [
          { claims, signature: () => randomBytes(64) },
          { claims, signature: () => '' },
          { claims, header: { alg: 'none' }, signature: () => '' },
          { claims, header: { kid: 'other' } },
          { claims: { ...claims, iss: 'https://evil.example' } },
          { claims: { ...claims, aud: 'other' } },
          { claims: { ...claims, role: 'root' } },
          { claims: { ...claims, tenant: undefined } },
          { claims, header: { typ: 'JWT' } },
        ]
        for (const parts of others)
          expect(await verdict(party.verifier, forge(party, parts))).toBe('TOKEN_INVALID')
      }
    },
  )
})
