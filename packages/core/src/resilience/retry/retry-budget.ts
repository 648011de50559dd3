import { requireInteger, requireNumber, withDefaults } from '../../errors/index.ts'

/** How many retries are allowed. */
export interface RetryBudgetOptions {
  /** Retries for each call that succeeds, above 0 to 1, counted in thousandths. Default 0.2: one for five. */
  readonly share?: number | undefined
  /** Retries that may be made before any call has succeeded, and at most saved up, 1 to 1000000. Default 10. */
  readonly burst?: number | undefined
}

const DEFAULTS = Object.freeze({ share: 0.2, burst: 10 })

const THOUSANDTHS = 1000
/** As in the AWS SDKs: a call that brought no answer in time has cost the service most. */
const TIMEOUT_COST = 2

/**
 * A token bucket that keeps retries below a share of the traffic: each success puts `share` of a retry in, each retry
 * takes one out, or two after a timeout. While everything fails nothing comes in, so that retries end soon instead of
 * multiplying the load. Share one among all policies that call one service.
 */
export class RetryBudget {
  readonly #share: number
  readonly #burst: number
  #balance: number

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: RetryBudgetOptions = {}) {
    const { share, burst } = withDefaults(options, DEFAULTS)
    requireNumber('share', share, { min: 1 / THOUSANDTHS, max: 1 })
    // Rounded down, so that retries never exceed the share.
    this.#share = Math.floor(share * THOUSANDTHS)
    this.#burst = requireInteger('burst', burst, { min: 1, max: 1_000_000 }) * THOUSANDTHS
    this.#balance = this.#burst
  }

  /** Retries that could be made now, in whole ones. */
  get availableRetries(): number {
    return Math.floor(this.#balance / THOUSANDTHS)
  }

  /** A call has succeeded. */
  deposit(): void {
    this.#balance = Math.min(this.#balance + this.#share, this.#burst)
  }

  /** Takes one retry, or two after a timeout; false if there is not enough, and then nothing is taken. */
  tryWithdraw(isTimeout: boolean): boolean {
    const cost = isTimeout ? TIMEOUT_COST * THOUSANDTHS : THOUSANDTHS
    if (this.#balance < cost) return false
    this.#balance -= cost
    return true
  }
}
