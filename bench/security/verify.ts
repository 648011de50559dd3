/**
 * Verifying and signing one access token, side by side with plain jose: once with every option that it offers and a key
 * set, as its manual shows, and once with none. Ours does what jose leaves open besides: one spelling of a token, a member
 * twice, the schema of the claims, revocation. No token comes again so soon that ours would know it; what that saves is a
 * line of its own. Contenders take turns in each round; medians of the processor time of the
 * whole process are printed (signatures are computed beside the main thread), and nothing is asserted by the clock.
 * Usage: node --conditions=golden-arch-source bench/security/verify.ts [--rounds 9] [--calls 300]
 */
import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import {
  ConfiguredKeyRing,
  generateSigningJwk,
  type KeyPairAlgorithm,
  KeyRing,
  MemoryKeyRingStore,
  MemoryRevocationStore,
  TokenIssuer,
  TokenRevocations,
  TokenVerifier,
} from '@golden-arch/core/security'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import { rounded } from '../rounded.ts'
import { median } from '../validation/measure.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, calls: { type: 'string', default: '300' } },
})
const [rounds, calls] = [Number(values.rounds), Number(values.calls)]
if (!(rounds > 0 && calls > 0)) throw new RangeError('--rounds and --calls take positive numbers')

interface Contender {
  readonly name: string
  readonly run: () => Promise<unknown>
  readonly samples: number[]
}

const ALGORITHMS: readonly KeyPairAlgorithm[] = ['RS256', 'ES256', 'EdDSA']
const PARTIES = { issuer: 'https://golden.example', audience: 'golden-api' }
const REQUIRED = ['iss', 'aud', 'sub', 'jti', 'iat', 'exp']
const MOST_TIMES_PLAIN = 1.15
const TOKENS = 1500
const JOSE = 'jose with every option'
const OURS = 'golden-arch'

console.log(`Node ${process.version}, ${cpus().length} processors; ${rounds} rounds of ${calls} calls\n`)
for (const algorithm of ALGORITHMS) await compare(algorithm)

async function compare(algorithm: KeyPairAlgorithm): Promise<void> {
  const keys = await ConfiguredKeyRing.open({ privateKey: await generateSigningJwk(algorithm) })
  const issuer = new TokenIssuer({ ...PARTIES, keys })
  print(`verify ${algorithm}`, await measure(await verifiers(algorithm, keys, issuer)))
  print(`sign ${algorithm}`, await measure(await signers(keys, issuer)))
}

function request(): { subject: string; kind: 'human'; role: string; tenantId: string } {
  return { subject: 'ada', kind: 'human', role: 'developer', tenantId: 'acme' }
}

async function verifiers(
  algorithm: KeyPairAlgorithm,
  keys: ConfiguredKeyRing,
  issuer: TokenIssuer,
): Promise<Contender[]> {
  const { jwks } = await keys.jwks()
  const keySet = createLocalJWKSet({ keys: jwks.keys.map((key) => ({ ...key })) })
  const options = {
    ...PARTIES,
    ...{
      algorithms: [algorithm],
      typ: 'at+jwt',
      clockTolerance: 5,
      maxTokenAge: 900,
      requiredClaims: REQUIRED,
    },
  }
  const revocations = new TokenRevocations({ store: new MemoryRevocationStore() })
  const ring = new KeyRing({
    store: new MemoryKeyRingStore(),
    keyEncryptionKeys: [randomBytes(32)],
    algorithm,
  })
  const next = await tokensOf(issuer)
  const nextOfRing = await tokensOf(new TokenIssuer({ ...PARTIES, keys: ring }))
  const again = next()
  const ours = new TokenVerifier({ ...PARTIES, keys })
  const guarded = new TokenVerifier({ ...PARTIES, keys: ring, revocations })
  return [
    contender(JOSE, () => jwtVerify(next(), keySet, options)),
    contender('jose with no option', () => jwtVerify(next(), keySet)),
    contender(OURS, () => ours.verify(next())),
    contender('golden-arch, key ring and revocation', () => guarded.verify(nextOfRing())),
    contender('golden-arch, one token again and again', () => ours.verify(again)),
  ]
}

/** Tokens in turn, more than a verifier remembers. */
async function tokensOf(issuer: TokenIssuer): Promise<() => string> {
  const tokens: string[] = []
  while (tokens.length < TOKENS) tokens.push((await issuer.issue(request())).token)
  let turn = 0
  return () => tokens[turn++ % TOKENS] ?? ''
}

async function signers(keys: ConfiguredKeyRing, issuer: TokenIssuer): Promise<Contender[]> {
  const key = await keys.signingKey()
  if (key.algorithm === 'HS256') throw new Error('a key pair is measured')
  const header = { alg: key.algorithm, typ: 'at+jwt', kid: key.keyId }
  const plain = (): Promise<string> => {
    const claims = { kind: 'human', role: 'developer', tenant: 'acme', jti: crypto.randomUUID() }
    const jwt = new SignJWT(claims).setIssuer(PARTIES.issuer).setAudience(PARTIES.audience).setSubject('ada')
    return jwt.setIssuedAt().setExpirationTime('15m').setProtectedHeader(header).sign(key.privateKey)
  }
  return [contender(JOSE, plain), contender(OURS, () => issuer.issue(request()))]
}

function contender(name: string, run: () => Promise<unknown>): Contender {
  return { name, run, samples: [] }
}

async function measure(contenders: readonly Contender[]): Promise<readonly Contender[]> {
  for (const { run } of contenders) await microsOf(run)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const one = contenders[(turn + round) % contenders.length]
      one?.samples.push(await microsOf(one.run))
    }
  }
  return contenders
}

/** Microseconds of the whole process for one call: threads that sign and verify are part of the cost. */
async function microsOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call++) await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

function print(title: string, contenders: readonly Contender[]): void {
  console.log(title)
  const plain = contenders.find(({ name }) => name === JOSE)
  for (const { name, samples } of contenders) {
    // Of one round each, so that what else the machine did in it is on both sides.
    const times = median(samples.map((sample, round) => sample / (plain?.samples[round] ?? Number.NaN)))
    const aim = name === OURS ? (times <= MOST_TIMES_PLAIN ? '  reached: ≤ 1.15' : '  missed: ≤ 1.15') : ''
    console.log(
      `  ${name.padEnd(40)}${`${rounded(median(samples))} µs`.padStart(12)}${rounded(times).padStart(8)} ×${aim}`,
    )
  }
  console.log()
}
