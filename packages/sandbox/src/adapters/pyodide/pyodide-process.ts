import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { type Clock, type ScheduledTimer, sleep, withDeadline } from '@golden-arch/core/time'
import type { GuestEnd, GuestListener, GuestProcess, ProcessorMeter } from '../../program/guest-process.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { OUT_OF_MEMORY_EXIT } from './child-command.ts'
import { type MeteredProcess, processMeter } from './process-meter.ts'
import { type ProcessUsage, processUsage } from './process-usage.ts'

const READY = 'R'.charCodeAt(0)
/** Time in milliseconds for a guest that closed its streams to end by itself. */
const GRACE_MS = 1000
const LOOK_PAUSE_MS = 100
const MAX_SAID_BYTES = 4096

/** What a {@link PyodideProcess} is started with. */
export interface PyodideProcessOptions {
  /** Arguments of this process's own Node. */
  readonly args: readonly string[]
  /** Bytes at which the process is ended, whatever it holds them for: Python's memory, its files and Node's own. */
  readonly residentLimitBytes: number
  readonly clock: Clock
  /** Longest wait in milliseconds for its start, and for its end. */
  readonly timeoutMs: number
  /** Gives its start up. */
  readonly signal: AbortSignal
}

/** A child process with Pyodide, started and waiting for its only program. */
export class PyodideProcess implements GuestProcess, MeteredProcess {
  readonly meter: ProcessorMeter
  readonly #child: ChildProcessWithoutNullStreams
  readonly #options: PyodideProcessOptions
  readonly #exit: Promise<number>
  #exitCode: number | undefined
  #listener: GuestListener | undefined
  #openStreams = 2
  #isOverMemory = false
  #lookTimer: ScheduledTimer | undefined

  private constructor(options: PyodideProcessOptions) {
    this.#options = options
    this.#child = spawn(process.execPath, [...options.args], {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#exit = new Promise((resolve) => {
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL']
        resolve(this.#exitCode)
      }
      this.#child.once('exit', onExit)
      this.#child.once('error', () => onExit(127, null))
    })
    const { stdout, stderr } = this.#child
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
    for (const stream of this.#child.stdio) stream?.on('error', () => {})
    this.meter = processMeter(this, options.clock)
  }

  /**
   * Starts a child and waits until Python is loaded. Nothing is left behind when that fails.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  static async start(options: PyodideProcessOptions): Promise<PyodideProcess> {
    const guest = new PyodideProcess(options)
    try {
      const { timeoutMs, clock, signal } = options
      const ready = guest.#whenReady()
      await withDeadline({ timeoutMs, clock, signal }, () => ready)
      guest.#rest()
      return guest
    } catch (cause) {
      await guest.kill().catch(() => {})
      throw cause instanceof SandboxError ? cause : SandboxError.infra('a Pyodide did not start', cause)
    }
  }

  /** Whether it still waits for a program. */
  get isUsable(): boolean {
    return this.#exitCode === undefined && this.#openStreams === 2
  }

  /** Whether its end has been heard of. */
  get hasEnded(): boolean {
    return this.#exitCode !== undefined
  }

  /** Milliseconds of processor that it has taken, by the kernel's word. */
  get processorMs(): number | undefined {
    return this.#usage?.processorMs
  }

  /** Hands the program over and hears from now on; at once if the streams have ended already. */
  begin(input: Buffer, listener: GuestListener): void {
    this.#hold(true)
    this.#listener = listener
    this.#watchMemory()
    if (this.#openStreams === 0) listener.onEnd()
    this.#child.stdin.end(input)
  }

  /** Stops hearing. */
  close(): void {
    this.#listener = undefined
  }

  /**
   * Kills it and waits until it is gone.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  async kill(): Promise<void> {
    this.#lookTimer?.cancel()
    if (this.#exitCode === undefined) this.#child.kill('SIGKILL')
    const { clock, timeoutMs } = this.#options
    this.#hold(true)
    try {
      await withDeadline({ timeoutMs, clock }, () => this.#exit)
    } catch (cause) {
      throw SandboxError.infra('a Pyodide could not be ended', cause)
    } finally {
      for (const stream of this.#child.stdio) stream?.destroy()
    }
  }

  /**
   * Waits until it has ended, for a moment, and kills it where it has not.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  async ended(): Promise<GuestEnd> {
    const grace = new AbortController()
    const { clock } = this.#options
    await Promise.race([this.#exit, sleep(GRACE_MS, { clock, signal: grace.signal }).catch(() => {})])
    grace.abort()
    await this.kill()
    const exitCode = this.#exitCode ?? 0
    return { exitCode, isOutOfMemory: this.#isOverMemory || exitCode === OUT_OF_MEMORY_EXIT }
  }

  /** Ends it, whatever its state. Whoever still listens hears that it has ended. */
  async remove(): Promise<void> {
    this.#listener?.onEnd()
    this.#listener = undefined
    await this.kill()
  }

  get #usage(): ProcessUsage | undefined {
    const { pid } = this.#child
    return pid === undefined || this.hasEnded ? undefined : processUsage(pid)
  }

  #watchMemory(): void {
    const { clock, residentLimitBytes } = this.#options
    this.#lookTimer = clock.schedule(LOOK_PAUSE_MS, () => {
      const usage = this.#usage
      if (usage === undefined) return
      if (usage.residentBytes > residentLimitBytes) {
        this.#isOverMemory = true
        this.#child.kill('SIGKILL')
      } else this.#watchMemory()
    })
  }

  async #whenReady(): Promise<void> {
    const said: Buffer[] = []
    await new Promise<void>((resolve, reject) => {
      this.#listener = {
        onData: (from, data) => {
          if (from === 1 && data[0] === READY) resolve()
          else if (said.length < 8) said.push(data.subarray(0, MAX_SAID_BYTES))
        },
        onEnd: () => {
          const words = Buffer.concat(said).toString().trim().slice(-300)
          reject(SandboxError.infra(`Pyodide ended before it was ready: ${words}`))
        },
      }
    })
    this.#listener = undefined
  }

  /** Lets this process end although the child waits for work; the child ends when its standard input does. */
  #rest(): void {
    this.#hold(false)
  }

  #hold(isHeld: boolean): void {
    const holders = [this.#child, ...this.#child.stdio]
    for (const each of holders) {
      // Safe: a child and its pipes are of the classes that hold a process, or let it go.
      const holder = each as { ref?: () => void; unref?: () => void } | null
      if (isHeld) holder?.ref?.()
      else holder?.unref?.()
    }
  }
}
