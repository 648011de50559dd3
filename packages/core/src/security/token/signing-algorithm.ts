/** How key pairs sign: RSA of 3072 bits or more with SHA-256, ECDSA on P-256 with SHA-256, or Ed25519. */
export const KEY_PAIR_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const

/** How a key pair signs: RSA of 3072 bits or more with SHA-256, ECDSA on P-256 with SHA-256, or Ed25519. */
export type KeyPairAlgorithm = (typeof KEY_PAIR_ALGORITHMS)[number]

/** How tokens are signed: by a key pair, or by a shared secret with HMAC-SHA-256 (small installs only). */
export type SigningAlgorithm = KeyPairAlgorithm | 'HS256'

/** The algorithm of key pairs with that name, or undefined. */
export function asKeyPairAlgorithm(name: unknown): KeyPairAlgorithm | undefined {
  return KEY_PAIR_ALGORITHMS.find((one) => one === name)
}
