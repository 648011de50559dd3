import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { type Clock, sleep, withDeadline } from '@golden-arch/core/time'
import type { GuestUsage } from '../../execution-result.ts'
import type {
  GuestEnd,
  GuestListener,
  OpenGuestProcess,
  ProcessorMeter,
} from '../../program/guest-process.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { STATUS_FD } from './bubblewrap-arguments.ts'
import { processorMeter } from './processor-meter.ts'
import { type SandboxStart, spawnSandbox } from './spawn-sandbox.ts'

const READY = 'R'.charCodeAt(0)
const LOOK_PAUSE_MS = 5
/** Time in milliseconds for a guest that closed its streams to end by itself. */
const GRACE_MS = 1000
const MAX_SAID_BYTES = 4096
/** The exit code of a program that could not be started, as shells have it. */
const NOT_FOUND = 127

/** What a guest is started from. */
export interface NamespaceGuestOptions extends SandboxStart {
  /** Processors that the group lets it have. */
  readonly cpus: number
  readonly clock: Clock
  /** Longest wait in milliseconds for its start, and for its end. */
  readonly timeoutMs: number
}

/** One sandbox in namespaces of its own, started and waiting for its only program. */
export class NamespaceGuest implements OpenGuestProcess {
  readonly meter: ProcessorMeter
  readonly #child: ChildProcess
  readonly #streams: readonly [stdin: Writable, stdout: Readable, stderr: Readable]
  readonly #options: NamespaceGuestOptions
  readonly #exit: Promise<number>
  #exitCode: number | undefined
  #startFailure = ''
  #innerPid: number | undefined
  #listener: GuestListener | undefined
  #openStreams = 2
  #usedBeforeMs = 0

  private constructor(options: NamespaceGuestOptions, child: ChildProcess) {
    const { stdin, stdout, stderr } = child
    if (stdin === null || stdout === null || stderr === null)
      throw SandboxError.infra('a sandbox has no streams')
    this.#options = options
    this.#child = child
    this.#streams = [stdin, stdout, stderr]
    this.meter = processorMeter(options.group, options.cpus, () => this.#innerPid)
    this.#exit = new Promise((resolve) => {
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL']
        resolve(this.#exitCode)
      }
      child.once('exit', onExit)
      child.on('error', (cause) => {
        // Other errors are of a signal that could not be sent: the exit is still to come.
        if (child.pid !== undefined) return
        this.#startFailure = cause.message
        onExit(NOT_FOUND, null)
      })
    })
    for (const [from, stream] of [
      [1, stdout],
      [2, stderr],
    ] as const) {
      stream.on('data', (data: Buffer) => this.#listener?.onData(from, data))
      stream.once('close', () => {
        this.#openStreams--
        if (this.#openStreams === 0) this.#listener?.onEnd()
      })
    }
    // What a stream fails with shows in the exit; unheard it would end this process.
    for (const stream of child.stdio) stream?.on('error', () => {})
  }

  /**
   * Starts a sandbox and waits until its shim says that it is ready. Nothing is left behind when that fails, its control
   * group neither.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  static async start(options: NamespaceGuestOptions): Promise<NamespaceGuest> {
    const { group, clock, timeoutMs } = options
    let guest: NamespaceGuest | undefined
    try {
      guest = new NamespaceGuest(options, spawnSandbox(options))
      const ready = guest.#whenReady()
      await withDeadline({ timeoutMs, clock }, () => ready)
      return guest
    } catch (cause) {
      await (guest?.remove() ?? group?.remove(clock))?.catch(() => {})
      throw cause instanceof SandboxError ? cause : SandboxError.infra('a sandbox did not start', cause)
    }
  }

  /** Whether it still waits for a program. */
  get isUsable(): boolean {
    return this.#exitCode === undefined && this.#openStreams === 2
  }

  /** What it has used since it was given a program; undefined where no control group counts it. */
  get usage(): GuestUsage | undefined {
    const { group } = this.#options
    const usedMs = group?.usedMs
    const maxMemoryBytes = group?.maxMemoryBytes
    if (usedMs === undefined) return undefined
    return {
      cpuMs: Math.round(usedMs - this.#usedBeforeMs),
      ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
      isMeasuredByHost: true,
    }
  }

  /** Hands the program over and hears from now on; at once if the streams have ended already. */
  begin(input: Buffer, listener: GuestListener): void {
    this.#listen(listener)
    this.#streams[0].end(input)
  }

  /** Hands the first input over and keeps the way open for more. */
  open(input: Buffer, listener: GuestListener): void {
    this.#listen(listener)
    this.#streams[0].write(input)
  }

  /** Writes more. Without effect once it has ended. */
  write(input: Buffer): void {
    this.countUsage()
    this.#streams[0].write(input)
  }

  /** Counts its usage from now on. */
  countUsage(): void {
    this.#usedBeforeMs = this.#options.group?.usedMs ?? 0
  }

  /** Stops hearing. */
  close(): void {
    this.#listener = undefined
  }

  /**
   * Kills the first process of its namespace, and with it all others, and waits until bubblewrap has seen it gone: the kernel
   * lets the first process go last.
   * @throws SandboxError `SANDBOX_INFRA` where something of it may still run.
   */
  async kill(): Promise<void> {
    this.#sendKill()
    const { clock, timeoutMs } = this.#options
    try {
      await withDeadline({ timeoutMs, clock }, async (signal) => {
        await this.#exit
        while (this.#isInhabited()) await sleep(LOOK_PAUSE_MS, { clock, signal })
      })
    } catch (cause) {
      throw SandboxError.infra('a sandbox could not be ended', cause)
    }
  }

  /**
   * Waits until it has ended, for a moment, and kills it where it has not.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  async ended(): Promise<GuestEnd> {
    const grace = new AbortController()
    await Promise.race([
      this.#exit,
      sleep(GRACE_MS, { clock: this.#options.clock, signal: grace.signal }).catch(() => {}),
    ])
    grace.abort()
    await this.kill()
    return { exitCode: this.#exitCode ?? 0, isOutOfMemory: this.#options.group?.isOutOfMemory ?? false }
  }

  /**
   * Kills it, whatever its state, and removes its control group. Whoever still listens hears that it has ended.
   * @throws SandboxError `SANDBOX_INFRA` where something of it may still be there.
   */
  async remove(): Promise<void> {
    this.#listener?.onEnd()
    this.#listener = undefined
    try {
      await this.kill()
    } finally {
      for (const stream of this.#child.stdio) stream?.destroy()
      await this.#options.group?.remove(this.#options.clock)
    }
  }

  #listen(listener: GuestListener): void {
    this.countUsage()
    this.#listener = listener
    if (this.#openStreams === 0) listener.onEnd()
  }

  #sendKill(): void {
    if (this.#exitCode !== undefined) return
    try {
      if (this.#innerPid !== undefined) process.kill(this.#innerPid, 'SIGKILL')
      else this.#child.kill('SIGKILL')
    } catch {
      // It has ended, and the word of it is on its way.
    }
  }

  #isInhabited(): boolean {
    const { group } = this.#options
    if (group !== undefined) return group.processes.length > 0
    return this.#innerPid !== undefined && existsSync(`/proc/${this.#innerPid}`)
  }

  async #whenReady(): Promise<void> {
    const said: Buffer[] = []
    const spoke = new Promise<void>((resolve, reject) => {
      this.#listener = {
        onData: (from, data) => {
          if (from === 1 && data[0] === READY) resolve()
          else if (said.length < 8) said.push(data.subarray(0, MAX_SAID_BYTES))
        },
        onEnd: () => {
          const words = `${this.#startFailure}${Buffer.concat(said)}`.trim().slice(-300)
          reject(SandboxError.infra(`the sandbox ended before it was ready: ${words}`))
        },
      }
    })
    await Promise.all([spoke, this.#readStatus()])
  }

  async #readStatus(): Promise<void> {
    let text = ''
    // Safe: the descriptor was asked for as a pipe, which this end can read.
    const status = this.#child.stdio[STATUS_FD] as Readable
    while (this.#innerPid === undefined && text.length < MAX_SAID_BYTES) {
      const [data] = await once(status, 'data')
      text += String(data)
      const pid = /"child-pid": *(\d+)/.exec(text)?.[1]
      if (pid !== undefined) this.#innerPid = Number(pid)
    }
  }
}
