/** How a guest's process, and all that it left behind, ended. */
export interface GuestEnd {
  /** The exit code; 128 and the signal's number where a signal ended it. */
  readonly exitCode: number
  /** Whether the kernel ended something of it at its memory limit. */
  readonly isOutOfMemory: boolean
}

/** Tells how much processor a guest's processes have taken, from the host's side. */
export interface ProcessorMeter {
  /** Milliseconds of processor that they can take in one millisecond at most. */
  readonly processors: number
  /**
   * Milliseconds of processor since some fixed point before the program; undefined where that is not to be had, as of a process
   * that has ended.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  usedMs(): Promise<number | undefined>
}

/** Who hears what a guest writes, and that its streams ended. */
export interface GuestListener {
  onData(stream: 1 | 2, data: Buffer): void
  onEnd(): void
}

/** An interpreter, started and waiting with its shim for a program, from the host's side. */
export interface GuestProcess {
  /** Where it is there, `cpuTimeMs` is enforced by it, over all of the guest's processes. */
  readonly meter?: ProcessorMeter
  /** Hands the program over and hears from now on; at once if the streams have ended already. */
  begin(input: Buffer, listener: GuestListener): void
  /** Stops hearing. */
  close(): void
  /**
   * Kills it with all that it started, and waits until that has ended for certain.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  kill(): Promise<void>
  /**
   * Waits until it has ended, for a moment, kills it where it has not, and says how. That it would end is its own word: no limit
   * holds any more. `wasKilled` says that something of it was killed, so that its cause is looked for with care.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  ended(wasKilled?: boolean): Promise<GuestEnd>
}

/** A guest process whose standard input may stay open, as sessions need it. */
export interface OpenGuestProcess extends GuestProcess {
  /** As {@link GuestProcess.begin}, with more to be written later. */
  open(input: Buffer, listener: GuestListener): void
  /** Writes more to it. Without effect where it has ended. */
  write(input: Buffer): void
}
