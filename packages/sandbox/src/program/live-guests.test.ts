import { describe, expect, it } from 'vitest'
import { LiveGuests } from './live-guests.ts'

/** A guest whose removal the test ends. */
class Guest {
  readonly removal = Promise.withResolvers<void>()
  removals = 0

  remove(): Promise<void> {
    this.removals++
    return this.removal.promise
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the guests of a backend', () => {
  it('are counted until they are gone, and removed once', async () => {
    const guests = new LiveGuests<Guest>(() => {})
    const guest = new Guest()
    guests.remove(guest)
    expect(guest.removals).toBe(0)
    guests.add(guest)
    expect([guests.has(guest), guests.count]).toEqual([true, 1])
    let isGone = false
    guests.remove(guest, () => {
      isGone = true
    })
    guests.remove(guest)
    expect([guests.has(guest), guests.count, guest.removals, isGone]).toEqual([false, 1, 1, false])
    guest.removal.resolve()
    await settled()
    expect([guests.count, isGone]).toEqual([0, true])
  })

  it('are told of where they cannot be removed, and counted no more', async () => {
    const left: unknown[] = []
    const guests = new LiveGuests<Guest>((cause, guest) => left.push(cause, guest))
    const guest = new Guest()
    guests.add(guest)
    let isGone = false
    guests.remove(guest, () => {
      isGone = true
    })
    const cause = new Error('no')
    guest.removal.reject(cause)
    await settled()
    expect(left).toEqual([cause, guest])
    expect([guests.count, isGone]).toEqual([0, true])
  })

  it('hold up who comes while too many are being removed', async () => {
    const guests = new LiveGuests<Guest>(() => {})
    const [first, second] = [new Guest(), new Guest()]
    for (const guest of [first, second]) {
      guests.add(guest)
      guests.remove(guest)
    }
    let isThrough = false
    const waiting = guests.whenFewerRemovals(1).then(() => {
      isThrough = true
    })
    await guests.whenFewerRemovals(3)
    first.removal.resolve()
    await settled()
    expect(isThrough).toBe(false)
    second.removal.resolve()
    await waiting
  })

  it('end with the backend, those too that are about to start', async () => {
    const guests = new LiveGuests<Guest>(() => {})
    const [live, late] = [new Guest(), new Guest()]
    guests.add(live)
    const start = Promise.withResolvers<Guest>()
    const starting = guests.follow(
      start.promise.then((guest) => {
        guests.add(guest)
        return guest
      }),
    )
    const failing = guests.follow(Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    let isClosed = false
    const closing = guests
      .close((guest) => guests.remove(guest))
      .then(() => {
        isClosed = true
      })
    await settled()
    expect(live.removals).toBe(0)
    start.resolve(late)
    expect(await starting).toBe(late)
    await settled()
    expect([live.removals, late.removals, isClosed]).toEqual([1, 1, false])
    live.removal.resolve()
    late.removal.resolve()
    await closing
    expect(guests.count).toBe(0)
  })
})
