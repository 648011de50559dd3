import {
  constants,
  createECDH,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomBytes,
  sign,
} from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { MemoryRevocationStore, TokenRevocations, TokenVerifier } from '../index.ts'
import {
  base64url,
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  type ForgeParty,
  forge,
  forgeClock,
  openPairParty,
  openSecretParty,
  verdict,
} from '../testing/token-forge.ts'

type Signer = (party: ForgeParty, input: string) => Buffer
type SignatureAttack = readonly [name: string, make: Signer]

let parties: Readonly<Record<string, ForgeParty>> = {}
/** Ends in no zero byte: HMAC fills its key up with zeros, so without that byte it would be the same key. */
const secret = Buffer.concat([randomBytes(31), Buffer.of(1)])

beforeAll(async () => {
  parties = {
    RS256: await openPairParty('RS256'),
    ES256: await openPairParty('ES256'),
    EdDSA: await openPairParty('EdDSA'),
    HS256: await openSecretParty(secret),
  }
})

function partyOf(algorithm: string): ForgeParty {
  const party = parties[algorithm]
  if (party === undefined) throw new Error(`no party signs with ${algorithm}`)
  return party
}

/** The private key of a party that has one. */
function pairOf({ privateKey }: ForgeParty): KeyObject {
  if (privateKey === undefined) throw new Error('a secret has no pair')
  return privateKey
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const ED_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
const bytesOf = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex')
const pair = (r: bigint, s: bigint): Buffer => Buffer.concat([bytesOf(r, 32), bytesOf(s, 32)])
const halves = (signature: Buffer): [bigint, bigint] => [
  number(signature.subarray(0, 32)),
  number(signature.subarray(32)),
]

const EVERY: readonly SignatureAttack[] = [
  ['nothing', () => Buffer.alloc(0)],
  ['one zero byte', () => Buffer.alloc(1)],
  ['zeros', (party, input) => party.sign(input).fill(0)],
  ['ones', (party, input) => party.sign(input).fill(0xff)],
  ['the last byte gone', (party, input) => party.sign(input).subarray(0, -1)],
  ['the first byte gone', (party, input) => party.sign(input).subarray(1)],
  ['the first half', (party, input) => party.sign(input).subarray(0, party.sign(input).length / 2)],
  ['a zero byte more', (party, input) => Buffer.concat([party.sign(input), Buffer.alloc(1)])],
  ['a zero byte before', (party, input) => Buffer.concat([Buffer.alloc(1), party.sign(input)])],
  ['itself twice', (party, input) => Buffer.concat([party.sign(input), party.sign(input)])],
  ['its bytes reversed', (party, input) => party.sign(input).reverse()],
  ['random bytes', (party, input) => randomBytes(party.sign(input).length)],
  ['that of another text', (party) => party.sign('another text')],
  ['that of the payload alone', (party, input) => party.sign(input.split('.')[1] ?? '')],
  ['that of the header alone', (party, input) => party.sign(input.split('.')[0] ?? '')],
  ['that of both parts without the dot', (party, input) => party.sign(input.replace('.', ''))],
  [
    'that of the parts decoded',
    (party, input) =>
      party.sign(
        input
          .split('.')
          .map((part) => Buffer.from(part, 'base64url').toString())
          .join('.'),
      ),
  ],
  ['that of its digest', (party, input) => party.sign(createHash('sha256').update(input).digest())],
  ['that of its text and a line end', (party, input) => party.sign(`${input}\n`)],
  ['its digest itself', (_party, input) => createHash('sha256').update(input).digest()],
  ['its hexadecimal digits', (party, input) => Buffer.from(party.sign(input).toString('hex'))],
  ...[0, 7, 31].map(
    (index): SignatureAttack => [
      `one bit changed in byte ${index}`,
      (party, input) => flip(party.sign(input), index),
    ],
  ),
  [
    'one bit changed in its last byte',
    (party, input) => flip(party.sign(input), party.sign(input).length - 1),
  ],
]

const ES256: readonly SignatureAttack[] = [
  ['DER', (party, input) => sign('sha256', Buffer.from(input), pairOf(party))],
  ['r = 0, s = 0', () => pair(0n, 0n)],
  ['r = 0', (party, input) => pair(0n, halves(party.sign(input))[1])],
  ['s = 0', (party, input) => pair(halves(party.sign(input))[0], 0n)],
  ['r = s = 1', () => pair(1n, 1n)],
  ['r = n, s = n', () => pair(ORDER, ORDER)],
  ['r = n', (party, input) => pair(ORDER, halves(party.sign(input))[1])],
  ['s = n', (party, input) => pair(halves(party.sign(input))[0], ORDER)],
  ['r = n, s = 1', () => pair(ORDER, 1n)],
  ['r = n - 1, s = 1', () => pair(ORDER - 1n, 1n)],
  ['r = 2^256 - 1, s = 2^256 - 1', () => pair(2n ** 256n - 1n, 2n ** 256n - 1n)],
  ['r of the base point, s = 1', () => pair(basePointX(), 1n)],
  ['r and s exchanged', (party, input) => pair(...swapped(halves(party.sign(input))))],
  ['-r', (party, input) => pair(ORDER - halves(party.sign(input))[0], halves(party.sign(input))[1])],
  [
    'r + n in 33 bytes',
    (party, input) => {
      const [r, s] = halves(party.sign(input))
      return Buffer.concat([bytesOf(r + ORDER, 33), bytesOf(s, 33)])
    },
  ],
  [
    'halves of 33 bytes',
    (party, input) => {
      const [r, s] = halves(party.sign(input))
      return Buffer.concat([bytesOf(r, 33), bytesOf(s, 33)])
    },
  ],
  [
    'SHA-384',
    (party, input) => sign('sha384', Buffer.from(input), { key: pairOf(party), dsaEncoding: 'ieee-p1363' }),
  ],
  [
    'SHA-1',
    (party, input) => sign('sha1', Buffer.from(input), { key: pairOf(party), dsaEncoding: 'ieee-p1363' }),
  ],
  ...(['P-384', 'P-521', 'secp256k1'] as const).map(
    (namedCurve): SignatureAttack => [
      `the curve ${namedCurve}`,
      (_party, input) =>
        sign('sha256', Buffer.from(input), {
          key: generateKeyPairSync('ec', { namedCurve }).privateKey,
          dsaEncoding: 'ieee-p1363',
        }),
    ],
  ),
]

const ED: readonly SignatureAttack[] = [
  [
    's + L',
    (party, input) => {
      const signature = party.sign(input)
      const s = number(Buffer.from(signature.subarray(32)).reverse()) + ED_ORDER
      return Buffer.concat([signature.subarray(0, 32), bytesOf(s, 32).reverse()])
    },
  ],
  [
    's = L',
    (party, input) => Buffer.concat([party.sign(input).subarray(0, 32), bytesOf(ED_ORDER, 32).reverse()]),
  ],
  ['s = 0', (party, input) => Buffer.concat([party.sign(input).subarray(0, 32), Buffer.alloc(32)])],
  ['the neutral point and s = 0', () => Buffer.concat([bytesOf(1n, 32).reverse(), Buffer.alloc(32)])],
  [
    'a point of order 2 and s = 0',
    () => Buffer.concat([bytesOf(2n ** 255n - 20n, 32).reverse(), Buffer.alloc(32)]),
  ],
  ['a point of order 4 and s = 0', () => Buffer.alloc(64)],
  [
    'a point that is spelt beyond the field',
    () => Buffer.concat([bytesOf(2n ** 255n - 18n, 32).reverse(), Buffer.alloc(32)]),
  ],
  ['the sign of its point changed', (party, input) => flip(party.sign(input), 31)],
  ['Ed448', (_party, input) => sign(null, Buffer.from(input), generateKeyPairSync('ed448').privateKey)],
]

const RS256: readonly SignatureAttack[] = [
  ...(['sha1', 'sha384', 'sha512', 'md5'] as const).map(
    (hash): SignatureAttack => [
      `PKCS#1 and ${hash}`,
      (party, input) => sign(hash, Buffer.from(input), pairOf(party)),
    ],
  ),
  ...[0, 20, 32].map(
    (saltLength): SignatureAttack => [
      `PSS with ${saltLength} bytes of salt`,
      (party, input) =>
        sign('sha256', Buffer.from(input), {
          key: pairOf(party),
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength,
        }),
    ],
  ),
  ['its digest without a name', (party, input) => rawRsa(party, digestOf(input))],
  [
    'a digest info without its NULL',
    (party, input) =>
      rawRsa(
        party,
        Buffer.concat([
          Buffer.from('302f300b0609608648016503040201 0420'.replace(' ', ''), 'hex'),
          digestOf(input),
        ]),
      ),
  ],
  [
    'something after the digest info',
    (party, input) => rawRsa(party, Buffer.concat([digestInfo(input), randomBytes(200)])),
  ],
  [
    'something after the digest, inside the info',
    (party, input) =>
      rawRsa(
        party,
        Buffer.concat([
          Buffer.from('303330 0d06096086480165030402010500 0420'.replaceAll(' ', ''), 'hex'),
          digestOf(input),
          Buffer.from('0500', 'hex'),
        ]),
      ),
  ],
  ['a short padding', (party, input) => rawRsa(party, digestInfo(input), { shortBy: 100 })],
  ['a padding of random bytes', (party, input) => rawRsa(party, digestInfo(input), { type: 2 })],
  ['a padding of type 0', (party, input) => rawRsa(party, digestInfo(input), { type: 0 })],
  ['1', (party, input) => bytesOf(1n, party.sign(input).length)],
  ['n - 1', (party, input) => bytesOf(modulusOf(party) - 1n, party.sign(input).length)],
  ['n', (party, input) => bytesOf(modulusOf(party), party.sign(input).length)],
  [
    'n less itself',
    (party, input) => bytesOf(modulusOf(party) - number(party.sign(input)), party.sign(input).length),
  ],
  [
    'itself and n',
    (party, input) => bytesOf(number(party.sign(input)) + modulusOf(party), party.sign(input).length + 1),
  ],
]

const HS256: readonly SignatureAttack[] = [
  ...[1, 8, 16, 31].map(
    (length): SignatureAttack => [
      `its first ${length} bytes`,
      (party, input) => party.sign(input).subarray(0, length),
    ],
  ),
  [
    'HMAC-SHA-512 cut to its length',
    (_party, input) => createHmac('sha512', secret).update(input).digest().subarray(0, 32),
  ],
  ['HMAC-SHA-1', (_party, input) => createHmac('sha1', secret).update(input).digest()],
  [
    'HMAC under the digits of the secret',
    (_party, input) => createHmac('sha256', secret.toString('hex')).update(input).digest(),
  ],
  [
    'HMAC under the secret cut',
    (_party, input) => createHmac('sha256', secret.subarray(0, 31)).update(input).digest(),
  ],
  [
    'a digest of secret and text',
    (_party, input) => createHash('sha256').update(secret).update(input).digest(),
  ],
]

const digestOf = (input: string): Buffer => createHash('sha256').update(input).digest()
const digestInfo = (input: string): Buffer =>
  Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), digestOf(input)])
const swapped = ([r, s]: [bigint, bigint]): [bigint, bigint] => [s, r]

function flip(signature: Buffer, index: number): Buffer {
  signature[index] = (signature[index] ?? 0) ^ 0x80
  return signature
}

function basePointX(): bigint {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(bytesOf(1n, 32))
  return number(curve.getPublicKey().subarray(1, 33))
}

function modulusOf(party: ForgeParty): bigint {
  return number(Buffer.from(String(pairOf(party).export({ format: 'jwk' }).n), 'base64url'))
}

/** Signs `info` in a padding of our own choice. */
function rawRsa(party: ForgeParty, info: Buffer, { type = 1, shortBy = 0 } = {}): Buffer {
  const size = 384
  const length = size - 3 - info.length - shortBy
  const filler = type === 2 ? Buffer.alloc(length, 0x5a) : Buffer.alloc(length, type === 1 ? 0xff : 0)
  const block = Buffer.concat([Buffer.from([0, type]), filler, Buffer.from([0]), info, Buffer.alloc(shortBy)])
  return privateEncrypt({ key: pairOf(party), padding: constants.RSA_NO_PADDING }, block)
}

async function expectRefused(algorithm: string, make: Signer): Promise<void> {
  const party = partyOf(algorithm)
  const token = forge(party, { signature: (input) => make(party, input) })
  expect(await verdict(party.verifier, token), algorithm).toBe('TOKEN_INVALID')
}

describe('forged signatures', () => {
  it('accepts the honest control of each key, also where we pad it ourselves', async () => {
    for (const party of Object.values(parties))
      expect(await verdict(party.verifier, forge(party))).toBe('accepted')
    const party = partyOf('RS256')
    const token = forge(party, { signature: (input) => rawRsa(party, digestInfo(input)) })
    expect(await verdict(party.verifier, token)).toBe('accepted')
  })

  it.each(EVERY)('refuses for a signature, whatever the key, %s', async (_name, make) => {
    for (const algorithm of Object.keys(parties)) await expectRefused(algorithm, make)
  })

  it.each(ES256)('refuses for a signature on P-256 %s', (_name, make) => expectRefused('ES256', make))
  it.each(ED)('refuses for a signature by Ed25519 %s', (_name, make) => expectRefused('EdDSA', make))
  it.each(RS256)('refuses for a signature by RSA %s', (_name, make) => expectRefused('RS256', make))
  it.each(HS256)('refuses for an HMAC %s', (_name, make) => expectRefused('HS256', make))

  it('takes (r, n - s) for the same signature, and a token revoked stays so in either spelling', async () => {
    const party = partyOf('ES256')
    const clock = forgeClock()
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
    const verifier = new TokenVerifier({
      keys: party.keys,
      issuer: FORGE_ISSUER,
      audience: FORGE_AUDIENCE,
      revocations,
      clock,
    })
    const token = forge(party)
    const mirrored = token.replace(/[^.]*$/, (signature) => {
      const [r, s] = halves(Buffer.from(signature, 'base64url'))
      return base64url(pair(r, ORDER - s))
    })
    expect(mirrored).not.toBe(token)
    expect(await verdict(verifier, token)).toBe('accepted')
    expect(await verifier.verify(mirrored)).toEqual(await verifier.verify(token))
    await revocations.revokeToken(await verifier.verify(token))
    expect([await verdict(verifier, token), await verdict(verifier, mirrored)]).toEqual([
      'TOKEN_INVALID',
      'TOKEN_INVALID',
    ])
  })
})
