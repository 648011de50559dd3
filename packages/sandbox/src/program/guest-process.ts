/** How a guest's process, and all that it left behind, ended. */
export interface GuestEnd {
  /** The exit code; 128 and the signal's number where a signal ended it. */
  readonly exitCode: number
  /** Whether the kernel ended something of it at its memory limit. */
  readonly isOutOfMemory: boolean
}

/** Who hears what a guest writes, and that its streams ended. */
export interface GuestListener {
  onData(stream: 1 | 2, data: Buffer): void
  onEnd(): void
}

/** An interpreter, started and waiting with its shim for a program, from the host's side. */
export interface GuestProcess {
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
   * Waits until it has ended and says how.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  ended(): Promise<GuestEnd>
}
