import { createHmac, randomBytes } from 'node:crypto'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeAll, describe, expect, it } from 'vitest'
import { isGoldenError } from '../../errors/index.ts'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { generateSigningJwk, TokenVerifier } from '../index.ts'
import {
  eachSays,
  type ForgeParties,
  openForgeParties,
  verdictsOf,
  verifiersOf,
} from '../testing/forge-parties.ts'
import {
  base64url,
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  type ForgeParty,
  forge,
  forgeClock,
  honestClaims,
  openPairParty,
  shown,
  verdict,
} from '../testing/token-forge.ts'

type Attack = readonly [name: string, make: (party: ForgeParty) => unknown]

let parties: ForgeParties

beforeAll(async () => {
  parties = await openForgeParties()
})

const verdicts = (make: (party: ForgeParty) => unknown) => verdictsOf(parties, make)
const INVALID = eachSays('TOKEN_INVALID')

/** The three parts of an honest token, put together anew. */
const remade =
  (make: (header: string, payload: string, signature: string) => unknown) => (party: ForgeParty) => {
    const [header = '', payload = '', signature = ''] = forge(party).split('.')
    return make(header, payload, signature)
  }

/** The next letter of the base64url alphabet after the last one: other bits that no byte holds, or another byte. */
function nextLast(part: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + letters[(letters.indexOf(part.slice(-1)) + 1) % 64]
}

const FORMS: readonly Attack[] = [
  ...['', '.', '..', '...', '....', 'null', '{}', '\u0000', 'Bearer'].map(
    (text): Attack => [`the text ${shown(text)}`, () => text],
  ),
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => 7],
  ['a list of the parts', remade((...parts) => parts)],
  ['a list that holds the token', (party) => [forge(party)]],
  ['bytes', (party) => Buffer.from(forge(party))],
  ['a String object', (party) => Object(forge(party))],
  ['an object that turns into the token', (party) => ({ toString: () => forge(party), length: 9 })],
  ['a symbol', () => Symbol('token')],
  [
    'an object that throws when read',
    () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('read')
          },
        },
      ),
  ],
  ['two parts', remade((h, p) => `${h}.${p}`)],
  ['two parts and a dot', remade((h, p) => `${h}.${p}.`)],
  ['four parts', remade((h, p, s) => `${h}.${p}.${s}.${s}`)],
  ['a dot at the end', remade((h, p, s) => `${h}.${p}.${s}.`)],
  ['a dot in front', remade((h, p, s) => `.${h}.${p}.${s}`)],
  ['an empty header', remade((_h, p, s) => `.${p}.${s}`)],
  ['an empty payload', remade((h, _p, s) => `${h}..${s}`)],
  [
    'a detached payload with b64 false',
    (party) => {
      const header = { alg: party.algorithm, kid: party.keyId, typ: 'at+jwt', b64: false, crit: ['b64'] }
      const head = base64url(JSON.stringify(header))
      return `${head}..${base64url(party.sign(`${head}.${JSON.stringify(honestClaims())}`))}`
    },
  ],
  [
    'a payload in the clear with b64 false',
    (party) => {
      const header = { alg: party.algorithm, kid: party.keyId, typ: 'at+jwt', b64: false, crit: ['b64'] }
      const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(honestClaims()))}`
      return `${input}.${base64url(party.sign(input))}`
    },
  ],
  [
    'the five parts of a JWE',
    (party) => {
      const header = { alg: 'dir', enc: 'A128GCM', kid: party.keyId, typ: 'at+jwt' }
      return [JSON.stringify(header), '', randomBytes(12), randomBytes(90), randomBytes(16)]
        .map(base64url)
        .join('.')
    },
  ],
  ['flattened JSON', remade((h, p, s) => JSON.stringify({ protected: h, payload: p, signature: s }))],
  [
    'general JSON',
    remade((h, p, s) => JSON.stringify({ payload: p, signatures: [{ protected: h, signature: s }] })),
  ],
  ['JSON that is parsed', remade((h, p, s) => ({ protected: h, payload: p, signature: s }))],
  ['quotes around it', (party) => JSON.stringify(forge(party))],
  ['its scheme before it', (party) => `Bearer ${forge(party)}`],
  ['two with a comma', (party) => `${forge(party)},${forge(party)}`],
  ['two in one', (party) => forge(party) + forge(party)],
  ...[' ', '\n', '\r\n', '\t', '\u0000', '\u00a0', '\ufeff', '='].flatMap((mark): Attack[] => [
    [`${shown(mark)} before it`, (party) => mark + forge(party)],
    [`${shown(mark)} after it`, (party) => forge(party) + mark],
    [`${shown(mark)} in the header`, remade((h, p, s) => `${h.slice(0, 8)}${mark}${h.slice(8)}.${p}.${s}`)],
    [`${shown(mark)} in the payload`, remade((h, p, s) => `${h}.${p.slice(0, 8)}${mark}${p.slice(8)}.${s}`)],
    [
      `${shown(mark)} in the signature`,
      remade((h, p, s) => `${h}.${p}.${s.slice(0, 8)}${mark}${s.slice(8)}`),
    ],
  ]),
  [
    'padding to four letters in the signature',
    remade((h, p, s) => `${h}.${p}.${s.padEnd(Math.ceil(s.length / 4) * 4 + (s.length % 4 ? 0 : 4), '=')}`),
  ],
  ['another last letter of the header', remade((h, p, s) => `${nextLast(h)}.${p}.${s}`)],
  ['another last letter of the payload', remade((h, p, s) => `${h}.${nextLast(p)}.${s}`)],
  ['another last letter of the signature', remade((h, p, s) => `${h}.${p}.${nextLast(s)}`)],
  ['one more letter of the signature', remade((h, p, s) => `${h}.${p}.${s}A`)],
  ['the letters + and / of plain base64', remade((h, p) => `${h}.${p}.${'+/'.repeat(43)}`)],
  ['a percent-encoded dot', (party) => forge(party).replace('.', '%2E')],
  ['a full-width dot', (party) => forge(party).replace('.', '\uff0e')],
  ['full-width letters', remade((h, p, s) => `${h}.${p}.\uff21${s.slice(1)}`)],
  [
    'a letter with the same low byte',
    remade((h, p, s) => `${h}.${p}.${String.fromCharCode(0x100 + s.charCodeAt(0))}${s.slice(1)}`),
  ],
  ['a million dots', () => '.'.repeat(1_000_000)],
  ['ten million letters', () => 'A'.repeat(10_000_000)],
  ['a million letters of signature', remade((h, p) => `${h}.${p}.${'A'.repeat(1_000_000)}`)],
  ['a refresh token', () => `gart_${randomBytes(32).toString('base64url')}`],
  ['a megabyte of genuine payload', (party) => forge(party, { claims: { note: 'x'.repeat(1_000_000) } })],
]

describe('forged tokens', () => {
  it('accepts the honest control of each key, at either verifier', async () => {
    expect(await verdicts((party) => forge(party))).toEqual(eachSays('accepted'))
  })

  it.each(FORMS)('refuses as a token %s', async (_name, make) => {
    expect(await verdicts(make)).toEqual(INVALID)
  })

  it('refuses what another key signed in the name of this one, for each two of them', async () => {
    for (const thief of parties.all) {
      for (const victim of parties.all.filter((party) => party !== thief)) {
        const sign = thief.sign
        const tokens = [
          forge({ ...victim, sign }),
          forge({ ...victim, sign }, { header: { alg: thief.algorithm } }),
          forge({ ...thief, sign: victim.sign }),
          forge(victim, { header: { kid: thief.keyId } }),
        ]
        for (const token of tokens) {
          for (const verifier of [...verifiersOf(parties, victim), ...verifiersOf(parties, thief)])
            expect(await verdict(verifier, token), `${thief.algorithm} for ${victim.algorithm}`).toBe(
              'TOKEN_INVALID',
            )
        }
        expect(await verdict(victim.verifier, forge(thief))).toBe('TOKEN_INVALID')
      }
    }
  })

  it.each(['HS256', 'HS384', 'HS512'])(
    'refuses an HMAC (%s) under all that is public of a key',
    async (alg) => {
      const hash = alg.replace('HS', 'sha')
      for (const party of parties.all) {
        for (const key of [
          ...party.publicForms,
          '',
          ' ',
          'secret',
          'null',
          Buffer.alloc(32),
          Buffer.alloc(64),
        ]) {
          const token = forge(party, {
            header: { alg },
            signature: (input) => createHmac(hash, key).update(input).digest(),
          })
          for (const verifier of verifiersOf(parties, party))
            expect(await verdict(verifier, token)).toBe('TOKEN_INVALID')
        }
      }
    },
  )

  it('refuses a key that the token brings along, by any header, though its signature fits', async () => {
    const intruder = await openPairParty('ES256')
    const [jwk] = (await intruder.keys.jwks()).jwks.keys
    for (const header of [
      { jwk },
      { jwk, kid: undefined },
      { jwk: { ...jwk, kid: parties.all[0]?.keyId } },
      { x5c: [String(intruder.publicForms[0])] },
      { kid: jwk },
      { epk: jwk },
    ]) {
      const token = forge(intruder, { header })
      for (const verifier of [parties.mixed, ...parties.all.map((party) => party.verifier)])
        expect(await verdict(verifier, token)).toBe('TOKEN_INVALID')
    }
    for (const header of [{ jwk }, { x5c: ['AAAA'] }, { x5t: 'AAAA' }, { 'x5t#S256': 'AAAA' }])
      expect(await verdicts((party) => forge(party, { header }))).toEqual(INVALID)
  })

  it('takes no private and no symmetric key among public ones', async () => {
    const secret = { kty: 'oct', k: base64url(randomBytes(32)), kid: 'k', alg: 'HS256' }
    const { kid: _kid, ...nameless } = await generateSigningJwk('EdDSA')
    for (const jwk of [
      secret,
      { ...nameless, kid: 'k' },
      nameless,
      { ...secret, alg: 'none' },
      { ...secret, alg: 'RS256' },
    ]) {
      const open = () => new TokenVerifier({ keys: [jwk], issuer: FORGE_ISSUER, audience: FORGE_AUDIENCE })
      expect(open).toThrow(invalidOption('keys', 'public keys with kid and alg (the key is not public)'))
    }
  })

  it('tells the caller of all refusals the same, and the log nothing that could be used', async () => {
    const [party] = parties.all
    if (party === undefined) throw new Error('no party')
    const logger = new RecordingLogger()
    const verifier = new TokenVerifier({
      keys: party.keys,
      issuer: FORGE_ISSUER,
      audience: FORGE_AUDIENCE,
      logger,
      clock: forgeClock(),
    })
    const said = new Set<string>()
    const headers = [
      { alg: 'none' },
      { kid: 'other' },
      { typ: 'JWT' },
      { crit: ['exp'] },
      { jku: 'https://evil.example' },
    ]
    const tokens = [
      ...FORMS.map(([, make]) => make(party)),
      ...headers.map((header) => forge(party, { header })),
    ]
    for (const token of tokens) {
      const error: unknown = await verifier.verify(token as string).catch((thrown: unknown) => thrown)
      if (!isGoldenError(error)) throw new Error('accepted')
      said.add(JSON.stringify([error.message, error.code, error.retryable, error.details, error.cause]))
      if (typeof token !== 'string' || token.length < 100) continue
      expect(JSON.stringify(logger.lines.at(-1))).not.toContain(token.slice(-40))
    }
    expect([...said]).toHaveLength(1)
    expect(
      logger.lines.every(({ level, fields }) => level === 'info' && JSON.stringify(fields).length < 1000),
    ).toBe(true)
  })
})
