import { createRequire } from 'node:module'

/** The subset of the package `@node-rs/argon2` that we need. */
export interface NativeArgon2 {
  hashRaw(
    password: Uint8Array,
    options: {
      readonly algorithm: number
      readonly memoryCost: number
      readonly timeCost: number
      readonly parallelism: number
      readonly outputLen: number
      readonly salt: Uint8Array
    },
  ): Promise<Uint8Array>
}

let loaded: { readonly native: NativeArgon2 | undefined } | undefined

/**
 * The package `@node-rs/argon2` where it is installed and runs on this machine; looked for once, on first use. It is
 * required rather than imported, so that what parameters are in force is known without waiting.
 */
export function nativeArgon2(): NativeArgon2 | undefined {
  loaded ??= { native: load() }
  return loaded.native
}

function load(): NativeArgon2 | undefined {
  try {
    // The cast names what the package's own declarations say; a package that lacks it is as good as none.
    const native = createRequire(import.meta.url)('@node-rs/argon2') as Partial<NativeArgon2>
    return typeof native.hashRaw === 'function' ? (native as NativeArgon2) : undefined
  } catch {
    return undefined
  }
}
