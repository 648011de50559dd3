import { createHmac, randomBytes } from 'node:crypto'
import { InvalidOptionError, requireMethods, requireText, withDefaults } from '../../../errors/index.ts'
import { addressKey } from '../../rate-limit/addresses/address-key.ts'
import { userNameKey } from '../user-name-key.ts'
import type { ReserveAnswer, ThrottleStore, TryKeys, TryReservation } from './ports/throttle-store.ts'
import { type ResolvedSignInLimits, resolveSignInLimits, type SignInLimits } from './sign-in-limits.ts'

/** What a {@link SignInThrottle} is made of. */
export interface SignInThrottleOptions {
  /** Where tries are counted. */
  readonly store: ThrottleStore
  /**
   * At least 32 random bytes, the same in all processes that share the store. Names, addresses and devices are stored
   * under their HMAC-SHA-256 with it.
   */
  readonly secret: Uint8Array
  /** How many tries may fail. Default those of {@link SignInLimits}. */
  readonly limits?: SignInLimits | undefined
}

/** Whose password is tried, and from where. */
export interface SignInOrigin {
  /** As typed. Unknown names count like known ones. */
  readonly name: string
  /**
   * The client's address, such as {@link clientAddress} gives; 1 to 256 characters. An IPv6 address counts as its /64
   * network, what is no address as it is.
   */
  readonly address: string
  /** What an earlier success returned to this client and it has kept since, as in a cookie. Default: none. */
  readonly device?: string | undefined
}

const DEFAULTS = Object.freeze({ store: undefined, secret: undefined, limits: {} })

const MIN_SECRET_BYTES = 32
const DEVICE_BYTES = 18
const MAX_DEVICE_LENGTH = 256
const KEY_LENGTH = 27

/**
 * Bounds how many passwords can be tried, without giving anybody a means to lock another out. Count a try with
 * {@link reserve} before the password is looked at; it counts as failed until it is settled.
 */
export class SignInThrottle {
  readonly #store: ThrottleStore
  readonly #secret: Uint8Array
  readonly #limits: ResolvedSignInLimits

  /** @throws InvalidOptionError `INVALID_OPTION` on a short secret or a limit out of its range. */
  constructor(options: SignInThrottleOptions) {
    const { store, secret, limits } = withDefaults(options, DEFAULTS)
    if (!(secret instanceof Uint8Array) || secret.length < MIN_SECRET_BYTES)
      throw new InvalidOptionError('secret', `at least ${MIN_SECRET_BYTES} bytes`, typeof secret)
    this.#store = requireMethods('store', store, ['reserve', 'succeed', 'release'])
    this.#secret = Uint8Array.from(secret)
    this.#limits = resolveSignInLimits(limits)
  }

  /**
   * Whether a try may go on to the password; if so it is counted.
   * @throws InvalidOptionError `INVALID_OPTION` on an address that is no text; StorageError `KEY_VALUE_UNAVAILABLE`
   * (retryable), and then the password must not be looked at.
   */
  async reserve(origin: SignInOrigin): Promise<ReserveAnswer> {
    return this.#store.reserve(this.#keysOf(origin), this.#limits)
  }

  /**
   * The password was right. Gives what the client should keep and send as `device` from now on: the one it sent if that
   * was known, else a new one, so that nobody can plant one.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable): the try then goes on counting.
   */
  async succeed(reservation: TryReservation, device?: string): Promise<string> {
    const known = reservation.knownBy === 'device' ? device : undefined
    const kept = known ?? randomBytes(DEVICE_BYTES).toString('base64url')
    await this.#store.succeed(reservation, this.#digest('device', kept), this.#limits)
    return kept
  }

  /**
   * The password was not looked at, so that the try does not count.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable): the try then goes on counting.
   */
  async release(reservation: TryReservation): Promise<void> {
    await this.#store.release(reservation)
  }

  /** The keyed digest under which tries of a name count: names an account in a log without telling the name. */
  accountKey(name: string): string {
    return this.#digest('account', userNameKey(name))
  }

  #keysOf({ name, address, device }: SignInOrigin): TryKeys {
    if (typeof name !== 'string') throw new InvalidOptionError('name', 'a string', name)
    const network = addressKey(requireText('address', address))
    const keys = {
      accountKey: this.accountKey(name),
      addressKey: this.#digest('address', network === 'unknown' ? address : network),
    }
    if (typeof device !== 'string' || device === '' || device.length > MAX_DEVICE_LENGTH) return keys
    return { ...keys, deviceKey: this.#digest('device', device) }
  }

  #digest(kind: 'account' | 'address' | 'device', value: string): string {
    const digest = createHmac('sha256', this.#secret).update(`${kind}\0${value}`).digest('base64url')
    return digest.slice(0, KEY_LENGTH)
  }
}
