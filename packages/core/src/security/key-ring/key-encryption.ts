import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { InvalidOptionError } from '../../errors/index.ts'
import { findSecretFault } from '../token/secret-strength.ts'

const KEY_BYTES = 32
const MAX_KEYS = 8
const VERSION = 'v1'
const IV_BYTES = 12
const TAG_BYTES = 16

interface EncryptionKey {
  readonly id: string
  readonly sealing: Buffer
  readonly proving: Buffer
}

/** Seals texts with AES-256-GCM, and proves who wrote a text, under keys that the caller keeps outside the store. */
export class KeyEncryption {
  readonly #keys: readonly EncryptionKey[]

  /** @throws InvalidOptionError `INVALID_OPTION` unless there are 1 to 8 keys of 32 random bytes. */
  constructor(keys: readonly Uint8Array[]) {
    if (!Array.isArray(keys) || keys.length < 1 || keys.length > MAX_KEYS)
      throw new InvalidOptionError('keyEncryptionKeys', `1 to ${MAX_KEYS} keys`, keys)
    this.#keys = keys.map((key) => {
      if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES)
        throw new InvalidOptionError('keyEncryptionKeys', `keys of ${KEY_BYTES} bytes`, key?.length)
      const fault = findSecretFault(key)
      if (fault !== undefined)
        throw new InvalidOptionError(
          'keyEncryptionKeys',
          `keys that are ${fault.replace('must be ', '')}`,
          'one that is not',
        )
      return {
        id: derive(key, 'id').subarray(0, 9).toString('base64url'),
        sealing: derive(key, 'seal'),
        proving: derive(key, 'prove'),
      }
    })
  }

  /** Seals `text` with the first key; it opens only with the same `context`. */
  seal(text: string, context: string): string {
    const { id, sealing } = this.#first()
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', sealing, iv).setAAD(Buffer.from(context))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return [VERSION, id, iv.toString('base64url'), sealed.toString('base64url')].join('.')
  }

  /** What was sealed; undefined where no key opens it, or it was sealed in another context or changed. */
  open(sealedText: string, context: string): string | undefined {
    const [version, id, iv = '', sealed = ''] = sealedText.split('.')
    const key = this.#keys.find((one) => one.id === id)
    const bytes = Buffer.from(sealed, 'base64url')
    if (version !== VERSION || key === undefined || bytes.length < TAG_BYTES) return undefined
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.sealing, Buffer.from(iv, 'base64url'), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
        'utf8',
      )
    } catch {
      return undefined
    }
  }

  /** A text that only who has the first key can make for `text`. */
  prove(text: string): string {
    const { id, proving } = this.#first()
    return `${id}.${createHmac('sha256', proving).update(text).digest('base64url')}`
  }

  /** Whether one of the keys made `proof` for `text`. */
  isProven(text: string, proof: string): boolean {
    const [id, tag = ''] = proof.split('.')
    const key = this.#keys.find((one) => one.id === id)
    if (key === undefined) return false
    const expected = createHmac('sha256', key.proving).update(text).digest()
    const received = Buffer.from(tag, 'base64url')
    return received.length === expected.length && timingSafeEqual(received, expected)
  }

  #first(): EncryptionKey {
    // The constructor takes no empty list.
    return this.#keys[0] as EncryptionKey
  }
}

/** A key of its own for each purpose. */
function derive(key: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', key).update(`golden-architecture key ring ${purpose}`).digest()
}
