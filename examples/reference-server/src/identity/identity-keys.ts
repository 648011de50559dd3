import { hkdfSync, randomBytes } from 'node:crypto'
import { ConfiguredKeyRing, generateSigningJwk } from '@golden-arch/core/security'
import type { Configuration } from '../configuration.ts'

/** The keys by which callers are known. */
export interface IdentityKeys {
  readonly ring: ConfiguredKeyRing
  /** Under which names and addresses of sign-ins are counted: the same in all processes of one configuration. */
  readonly throttleSecret: Uint8Array
}

/** The keys of the configuration; without any, keys for this start alone. */
export async function openIdentityKeys(
  configuration: Pick<Configuration, 'JWT_PRIVATE_KEY' | 'JWT_PUBLIC_KEYS' | 'JWT_SECRET'>,
): Promise<IdentityKeys> {
  const { JWT_PRIVATE_KEY: privateKey, JWT_PUBLIC_KEYS: publicKeys, JWT_SECRET: secret } = configuration
  const further = publicKeys === undefined ? {} : { publicKeys }
  const own = privateKey ?? secret
  const ring =
    secret === undefined
      ? await ConfiguredKeyRing.open({ privateKey: privateKey ?? (await generateSigningJwk()), ...further })
      : await ConfiguredKeyRing.open({ secret })
  const throttleSecret =
    own === undefined ? randomBytes(32) : new Uint8Array(hkdfSync('sha256', own, '', 'sign-in throttle', 32))
  return { ring, throttleSecret }
}
