import { afterEach, describe, expect, it } from 'vitest'
import { decideTry, type KnownBy } from '../throttle/decide-try.ts'
import type { ThrottleStore, TryKeys, TryReservation } from '../throttle/ports/throttle-store.ts'
import { resolveSignInLimits } from '../throttle/sign-in-limits.ts'

/** A {@link ThrottleStore} under test, whose time the test holds. */
export interface ThrottleStoreUnderTest {
  readonly store: ThrottleStore
  /** Lets time go on for the store. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

const LIMITS = resolveSignInLimits()
const ADA: TryKeys = { accountKey: 'ada', addressKey: 'home' }

/** Registers the tests that every {@link ThrottleStore} must pass; `open` gives an empty one each time. */
export function describeThrottleStoreContract(
  title: string,
  open: () => Promise<ThrottleStoreUnderTest>,
): void {
  describe(`${title} as ThrottleStore`, () => {
    const opened: ThrottleStoreUnderTest[] = []
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close()
    })
    const openOne = async (): Promise<ThrottleStoreUnderTest> => {
      const one = await open()
      opened.push(one)
      return one
    }
    const outcome = async (store: ThrottleStore, keys: TryKeys): Promise<string> => {
      const answer = await store.reserve(keys, LIMITS)
      return answer.outcome === 'reserved' ? answer.reservation.knownBy : answer.cause
    }
    const reserve = async (store: ThrottleStore, keys: TryKeys): Promise<TryReservation> => {
      const answer = await store.reserve(keys, LIMITS)
      if (answer.outcome === 'refused') throw new Error(`refused: ${answer.cause}`)
      return answer.reservation
    }

    it('lets five of a hundred tries at once through', async () => {
      const { store } = await openOne()
      const answers = await Promise.all(Array.from({ length: 100 }, () => outcome(store, ADA)))
      expect(answers.filter((one) => one === 'nothing')).toHaveLength(5)
      expect(answers.filter((one) => one === 'origin-delay')).toHaveLength(95)
    })

    it('lets ten of a hundred tries at once from a hundred addresses through', async () => {
      const { store } = await openOne()
      const keys = Array.from({ length: 100 }, (_, index) => ({ ...ADA, addressKey: `bot-${index}` }))
      const answers = await Promise.all(keys.map((one) => outcome(store, one)))
      expect(answers.filter((one) => one === 'nothing')).toHaveLength(10)
      expect(answers.filter((one) => one === 'account-lock')).toHaveLength(90)
    })

    it('lets thirty of a hundred accounts at once from one address through', async () => {
      const { store } = await openOne()
      const keys = Array.from({ length: 100 }, (_, index) => ({ ...ADA, accountKey: `user-${index}` }))
      const answers = await Promise.all(keys.map((one) => outcome(store, one)))
      expect(answers.filter((one) => one === 'nothing')).toHaveLength(30)
      expect(answers.filter((one) => one === 'address-limit')).toHaveLength(70)
    })

    it('makes the waits longer from failure to failure, and forgets all after the window', async () => {
      const { store, pass } = await openOne()
      for (let failure = 0; failure < 5; failure++) expect(await outcome(store, ADA)).toBe('nothing')
      expect(await store.reserve(ADA, LIMITS)).toEqual({
        outcome: 'refused',
        cause: 'origin-delay',
        retryAfterMs: 1000,
      })
      await pass(1000)
      expect(await outcome(store, ADA)).toBe('nothing')
      await pass(1999)
      expect(await store.reserve(ADA, LIMITS)).toMatchObject({ cause: 'origin-delay', retryAfterMs: 1 })
      await pass(1)
      expect(await outcome(store, ADA)).toBe('nothing')
      await pass(LIMITS.windowMs)
      for (let failure = 0; failure < 5; failure++) expect(await outcome(store, ADA)).toBe('nothing')
      expect(await outcome(store, ADA)).toBe('origin-delay')
    })

    it('a refused try does not count, so that nobody prolongs a lock', async () => {
      const { store, pass } = await openOne()
      for (let failure = 0; failure < 5; failure++) await reserve(store, ADA)
      for (let knock = 0; knock < 50; knock++) expect(await outcome(store, ADA)).toBe('origin-delay')
      await pass(1000)
      expect(await outcome(store, ADA)).toBe('nothing')
    })

    it('a success clears its origin and makes its address and device known, for this account alone', async () => {
      const { store } = await openOne()
      for (let failure = 0; failure < 4; failure++) await reserve(store, ADA)
      await store.succeed(await reserve(store, ADA), 'laptop', LIMITS)
      expect(await outcome(store, { ...ADA, deviceKey: 'laptop' })).toBe('device')
      expect(await outcome(store, { ...ADA, deviceKey: 'other' })).toBe('address')
      expect(await outcome(store, { ...ADA, addressKey: 'train', deviceKey: 'laptop' })).toBe('device')
      expect(await outcome(store, { ...ADA, addressKey: 'train' })).toBe('nothing')
      expect(await outcome(store, { ...ADA, accountKey: 'bob', deviceKey: 'laptop' })).toBe('nothing')
    })

    it('an account that others have locked opens to known origins, and to them only', async () => {
      const { store } = await openOne()
      await store.succeed(await reserve(store, ADA), 'laptop', LIMITS)
      for (let bot = 0; bot < 10; bot++) await reserve(store, { ...ADA, addressKey: `bot-${bot}` })
      expect(await outcome(store, { ...ADA, addressKey: 'train' })).toBe('account-lock')
      expect(await outcome(store, ADA)).toBe('address')
      expect(await outcome(store, { ...ADA, addressKey: 'train', deviceKey: 'laptop' })).toBe('device')
      expect(await outcome(store, { ...ADA, addressKey: 'train', deviceKey: 'guessed' })).toBe('account-lock')
    })

    it('tries from known origins lock the account for no others', async () => {
      const { store } = await openOne()
      const places = ['home', 'train', 'office'].map((addressKey) => ({ ...ADA, addressKey }))
      for (const keys of places) await store.succeed(await reserve(store, keys), 'laptop', LIMITS)
      for (const keys of places)
        for (let failure = 0; failure < 5; failure++) expect(await outcome(store, keys)).toBe('address')
      expect(await outcome(store, { ...ADA, addressKey: 'beach' })).toBe('nothing')
    })

    it('a known device is let through where its address has failed too often', async () => {
      const { store } = await openOne()
      await store.succeed(await reserve(store, ADA), 'laptop', LIMITS)
      for (let user = 0; user < 30; user++) await reserve(store, { ...ADA, accountKey: `user-${user}` })
      expect(await outcome(store, ADA)).toBe('address-limit')
      expect(await outcome(store, { ...ADA, deviceKey: 'laptop' })).toBe('device')
    })

    it('a success of one account does not give its address its failures back', async () => {
      const { store } = await openOne()
      for (let user = 0; user < 29; user++) await reserve(store, { ...ADA, accountKey: `user-${user}` })
      await store.succeed(await reserve(store, ADA), 'laptop', LIMITS)
      expect(await outcome(store, { ...ADA, accountKey: 'next' })).toBe('nothing')
      expect(await outcome(store, { ...ADA, accountKey: 'last' })).toBe('address-limit')
    })

    it('a released try no longer counts anywhere, however often it is released', async () => {
      const { store } = await openOne()
      for (let round = 0; round < 40; round++) {
        const reservation = await reserve(store, ADA)
        await store.release(reservation)
        await store.release(reservation)
      }
      expect(await outcome(store, ADA)).toBe('nothing')
    })

    it('an origin is known for as long as the limit says', async () => {
      const { store, pass } = await openOne()
      await store.succeed(await reserve(store, ADA), 'laptop', LIMITS)
      await pass(LIMITS.knownOriginMs - 1)
      expect(await outcome(store, ADA)).toBe('address')
      await pass(1)
      expect(await outcome(store, ADA)).toBe('nothing')
    })

    it('decides any sequence of tries as the pure decision does', async () => {
      const { store, pass } = await openOne()
      const model = new ModelStore()
      for (let seed = 1; seed <= 400; seed++) {
        const pick = (salt: number, count: number): number => ((seed * 7919 + salt * 104_729) >>> 3) % count
        const device = pick(1, 3)
        const keys = {
          accountKey: `user-${pick(2, 3)}`,
          addressKey: `net-${pick(3, 4)}`,
          ...(device === 0 ? {} : { deviceKey: `device-${device}` }),
        }
        const answer = await store.reserve(keys, LIMITS)
        expect(answer.outcome === 'reserved' ? answer.reservation.knownBy : answer).toEqual(
          model.reserve(keys),
        )
        if (answer.outcome === 'reserved' && pick(4, 9) === 0) {
          await store.succeed(answer.reservation, `device-${device}`, LIMITS)
          model.succeed(keys, answer.reservation.knownBy, `device-${device}`)
        } else if (answer.outcome === 'reserved' && pick(5, 11) === 0) {
          await store.release(answer.reservation)
          model.forgetLast(keys, answer.reservation.knownBy)
        }
        const ms = [0, 1, 500, 5000, 60_000][pick(6, 5)] ?? 0
        await pass(ms)
        model.nowMs += ms
      }
    })
  })
}

/** The plainest store: everything in lists, decided by the pure function. */
class ModelStore {
  nowMs = 0
  readonly #at = new Map<string, number[]>()
  readonly #known = new Set<string>()

  reserve(keys: TryKeys): unknown {
    const knownBy = this.#knownBy(keys)
    const [origin, address, account] = this.#lists(keys, knownBy)
    const history = { originAt: origin, addressAt: address, accountAt: account, knownBy }
    const decision = decideTry(history, LIMITS, this.nowMs)
    if (!decision.allowed)
      return { outcome: 'refused', cause: decision.cause, retryAfterMs: decision.retryAfterMs }
    for (const list of [origin, address, ...(knownBy === 'nothing' ? [account] : [])]) list.push(this.nowMs)
    return knownBy
  }

  succeed(keys: TryKeys, knownBy: KnownBy, deviceKey: string): void {
    this.forgetLast(keys, knownBy)
    this.#lists(keys, knownBy)[0].length = 0
    this.#known.add(`${keys.accountKey}/${keys.addressKey}`).add(`${keys.accountKey}/${deviceKey}`)
  }

  /** Takes the try back that was counted last. */
  forgetLast(keys: TryKeys, knownBy: KnownBy): void {
    const [origin, address, account] = this.#lists(keys, knownBy)
    for (const list of [origin, address, ...(knownBy === 'nothing' ? [account] : [])]) list.pop()
  }

  #knownBy({ accountKey, addressKey, deviceKey }: TryKeys): KnownBy {
    if (deviceKey !== undefined && this.#known.has(`${accountKey}/${deviceKey}`)) return 'device'
    return this.#known.has(`${accountKey}/${addressKey}`) ? 'address' : 'nothing'
  }

  #lists(keys: TryKeys, knownBy: KnownBy): [number[], number[], number[]] {
    const from = knownBy === 'device' ? keys.deviceKey : keys.addressKey
    const list = (name: string): number[] => {
      const kept = (this.#at.get(name) ?? []).filter((atMs) => atMs > this.nowMs - LIMITS.windowMs)
      this.#at.set(name, kept)
      return kept
    }
    return [
      list(`origin ${keys.accountKey} ${from}`),
      list(`address ${keys.addressKey}`),
      list(`account ${keys.accountKey}`),
    ]
  }
}
