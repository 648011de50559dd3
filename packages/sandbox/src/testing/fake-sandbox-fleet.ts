import type { GuestPlace, GuestUsage } from '../execution-result.ts'
import type { GuestListener } from '../program/guest-process.ts'
import type { FleetGuest, SandboxFleet, SandboxNeed } from '../program/sandbox-fleet.ts'
import { FakeGuestProcess } from './fake-guest-process.ts'

/** A guest that answers each program at once: it writes `ran` and says that it is done. */
export class FakeFleetGuest extends FakeGuestProcess implements FleetGuest {
  readonly need: SandboxNeed
  isUsable = true
  usage: GuestUsage | undefined

  constructor(need: SandboxNeed) {
    super()
    this.need = need
  }

  override begin(input: Buffer, listener: GuestListener): void {
    super.begin(input, listener)
    const [mark = ''] = input.toString('latin1').split(' ', 1)
    this.say(1, `ran${mark} 0\n`)
    this.say(1, Buffer.alloc(512))
    this.say(2, mark)
  }
}

/** A fleet in which the test says what goes wrong, and sees what was done, in order. */
export class FakeSandboxFleet implements SandboxFleet<FakeFleetGuest> {
  readonly probes = { python: 'probe' } as const
  readonly started: FakeFleetGuest[] = []
  readonly removed: FakeFleetGuest[] = []
  readonly calls: string[] = []
  /** What the calls of this name fail with. */
  readonly failures: Partial<Record<'prepare' | 'checkProbe' | 'start' | 'reap', Error>> = {}
  orphans = 0
  whenFewer: Promise<void> = Promise.resolve()
  whenStarted: Promise<void> = Promise.resolve()

  async prepare(): Promise<void> {
    this.#note('prepare')
  }

  checkProbe(): void {
    this.#note('checkProbe')
  }

  async start(need: SandboxNeed): Promise<FakeFleetGuest> {
    this.#note('start')
    await this.whenStarted
    const guest = new FakeFleetGuest(need)
    this.started.push(guest)
    return guest
  }

  remove(guest: FakeFleetGuest): void {
    if (!this.removed.includes(guest)) this.removed.push(guest)
  }

  async whenFewerRemovals(count: number): Promise<void> {
    this.calls.push(`whenFewerRemovals ${count}`)
    await this.whenFewer
  }

  placeOf(): Omit<GuestPlace, 'isWarmStart'> {
    return { runtime: 'fake', rules: { cpus: 1 } }
  }

  async reap(): Promise<number> {
    this.#note('reap')
    return this.orphans
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }

  #note(call: keyof FakeSandboxFleet['failures']): void {
    this.calls.push(call)
    const failure = this.failures[call]
    if (failure !== undefined) throw failure
  }
}
