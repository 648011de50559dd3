import type { GuestEnd, GuestListener, OpenGuestProcess } from '../program/guest-process.ts'

/** A guest process whose words and end are the test's. */
export class FakeGuestProcess implements OpenGuestProcess {
  /** All that was handed over, in order. */
  readonly inputs: string[] = []
  end: GuestEnd = { exitCode: 137, isOutOfMemory: false }
  isKilled = false
  #listener: GuestListener | undefined

  /** Lets the guest write. */
  say(stream: 1 | 2, text: string | Buffer): void {
    this.#listener?.onData(stream, Buffer.from(text))
  }

  /** Lets the guest's streams end. */
  leave(): void {
    this.#listener?.onEnd()
  }

  begin(input: Buffer, listener: GuestListener): void {
    this.open(input, listener)
  }

  open(input: Buffer, listener: GuestListener): void {
    this.#listener = listener
    this.write(input)
  }

  write(input: Buffer): void {
    this.inputs.push(input.toString('latin1'))
  }

  close(): void {
    this.#listener = undefined
  }

  async kill(): Promise<void> {
    this.isKilled = true
  }

  async ended(): Promise<GuestEnd> {
    return this.end
  }
}
