import { randomBytes } from 'node:crypto'
import { TokenVerifier } from '../index.ts'
import {
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  type ForgeParty,
  forgeClock,
  openPairParty,
  openSecretParty,
  verdict,
} from './token-forge.ts'

/** One party of each algorithm. */
export interface ForgeParties {
  readonly all: readonly ForgeParty[]
  /** The verifier that knows the three public keys of three kinds. */
  readonly mixed: TokenVerifier
}

/** Opens a party of each algorithm, with keys of its own. */
export async function openForgeParties(): Promise<ForgeParties> {
  const pairs = [await openPairParty('RS256'), await openPairParty('ES256'), await openPairParty('EdDSA')]
  const published = await Promise.all(pairs.map(({ keys }) => keys.jwks()))
  const keys = published.flatMap(({ jwks }) => jwks.keys)
  const parties = { issuer: FORGE_ISSUER, audience: FORGE_AUDIENCE }
  return {
    all: [...pairs, await openSecretParty(randomBytes(32))],
    mixed: new TokenVerifier({ keys, ...parties, clock: forgeClock() }),
  }
}

/** The verifiers that know the party's key: its own, and the one that knows three keys. */
export function verifiersOf({ mixed }: ForgeParties, party: ForgeParty): readonly TokenVerifier[] {
  return party.algorithm === 'HS256' ? [party.verifier] : [party.verifier, mixed]
}

/** What the verifiers of each party say of the token made for it, by algorithm. */
export async function verdictsOf(
  parties: ForgeParties,
  make: (party: ForgeParty) => unknown,
): Promise<Record<string, string>> {
  const seen: Record<string, string> = {}
  for (const party of parties.all) {
    const token = make(party)
    const answers = await Promise.all(verifiersOf(parties, party).map((verifier) => verdict(verifier, token)))
    seen[party.algorithm] = [...new Set(answers)].join(' and ')
  }
  return seen
}

/** The same verdict on each party's token. */
export function eachSays(code: string): Record<ForgeParty['algorithm'], string> {
  return { RS256: code, ES256: code, EdDSA: code, HS256: code }
}
