import { type Clock, sleep } from '@golden-arch/core/time'
import type {
  GuestEnd,
  GuestListener,
  OpenGuestProcess,
  ProcessorMeter,
} from '../../program/guest-process.ts'
import { SandboxError } from '../../sandbox-error.ts'
import type { ContainerOptions, ContainerState, DockerClient, DockerContainer } from './docker-client.ts'
import { type EngineCalls, isConflict, isNotFound } from './engine-calls.ts'
import { processorMs } from './processor-ms.ts'
import { StreamSplitter } from './stream-splitter.ts'

const READY = 'R'.charCodeAt(0)
/** Time in milliseconds for a program that said that it ends, or closed its streams, to end by itself. */
const GRACE_MS = 1000
/** The exit code of what SIGKILL has ended. */
const KILLED = 137
/** On a busy machine the engine may hear of the memory limit more than a second after the end. */
const OUT_OF_MEMORY_LOOKS = 21
const OUT_OF_MEMORY_PAUSE_MS = 100
const REMOVAL_PAUSE_MS = 50
const REMOVAL_TRIES = 600

/** One container, started and waiting for its only program. */
export class GuestContainer implements OpenGuestProcess {
  readonly #container: DockerContainer
  readonly #engine: EngineCalls
  readonly meter: ProcessorMeter
  readonly #stream: NodeJS.ReadWriteStream
  #listener: GuestListener | undefined
  #isEnded = false

  private constructor(
    container: DockerContainer,
    engine: EngineCalls,
    stream: NodeJS.ReadWriteStream,
    processors: number,
  ) {
    this.#container = container
    this.#engine = engine
    this.meter = { processors, usedMs: () => this.#usedMs() }
    this.#stream = stream
    const splitter = new StreamSplitter((from, data) => this.#listener?.onData(from, data))
    const onEnd = (): void => {
      this.#isEnded = true
      this.#listener?.onEnd()
    }
    stream.on('data', (chunk: Buffer) => splitter.push(chunk))
    stream.on('end', onEnd)
    stream.on('close', onEnd)
    stream.on('error', onEnd)
  }

  /**
   * Creates and starts a container and waits until its shim says that it is ready. `onCreated` hears its id before anything
   * runs in it. Nothing is left behind when that fails.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  static async start(
    docker: DockerClient,
    engine: EngineCalls,
    options: ContainerOptions,
    onCreated: (id: string) => void,
  ): Promise<GuestContainer> {
    const container = await engine.ask('create a container', () => docker.createContainer(options))
    onCreated(container.id)
    let guest: GuestContainer | undefined
    try {
      const streams = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true } as const
      const stream = await engine.ask('attach to a container', () => container.attach(streams))
      guest = new GuestContainer(container, engine, stream, options.HostConfig.NanoCpus / 1e9)
      await guest.#startUp()
      return guest
    } catch (cause) {
      await removeContainer(container, engine).catch(() => {})
      guest?.close()
      throw cause
    }
  }

  get id(): string {
    return this.#container.id
  }

  /** Whether it still waits for a program. */
  get isUsable(): boolean {
    return !this.#isEnded
  }

  /** Hands the program over and hears from now on; at once if the streams have ended already. */
  begin(input: Buffer, listener: GuestListener): void {
    this.#listener = listener
    if (this.#isEnded) listener.onEnd()
    else this.#stream.end(input)
  }

  /** Hands the first input over and keeps the way open for more. */
  open(input: Buffer, listener: GuestListener): void {
    this.#listener = listener
    if (this.#isEnded) listener.onEnd()
    else this.#stream.write(input)
  }

  /** Writes more. Without effect once the streams have ended. */
  write(input: Buffer): void {
    if (!this.#isEnded) this.#stream.write(input)
  }

  /** Stops hearing. */
  close(): void {
    this.#listener = undefined
    this.#cut()
  }

  #cut(): void {
    this.#isEnded = true
    // Safe: what dockerode hands out is a Duplex, which can be destroyed; the declared type is wider.
    const stream = this.#stream as NodeJS.ReadWriteStream & { destroy?: () => void }
    stream.destroy?.()
  }

  /**
   * Kills the container and waits until it has ended for certain.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  async kill(): Promise<void> {
    const killing = this.#engine.ask('kill a container', async () => {
      try {
        await this.#container.kill()
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error
      }
    })
    // Side by side, as somebody waits for the end; the answer to the second comes when nothing runs any more.
    await Promise.all([killing, this.#whenStopped()])
  }

  /**
   * Waits until the container has ended, for a moment, kills it where it has not, and says how it ended.
   * @throws SandboxError `SANDBOX_INFRA`, also where somebody else removed it.
   */
  async ended(wasKilled = false): Promise<GuestEnd> {
    if (!(await this.#isStoppedSoon())) await this.kill()
    for (let look = 1; ; look++) {
      const { ExitCode: exitCode, OOMKilled: isOutOfMemory } = await this.#endState()
      const isDoubtful = !isOutOfMemory && (wasKilled || exitCode === KILLED)
      // The engine hears of the memory limit and of the end on two ways, and the end may be there first.
      if (!isDoubtful || look === OUT_OF_MEMORY_LOOKS) return { exitCode, isOutOfMemory }
      await sleep(OUT_OF_MEMORY_PAUSE_MS, { clock: this.#engine.clock })
    }
  }

  /**
   * Kills and removes it, whatever its state. Whoever still listens hears that it has ended.
   * @throws SandboxError `SANDBOX_INFRA` where it may still be there.
   */
  async remove(): Promise<void> {
    this.#listener?.onEnd()
    this.#cut()
    await removeContainer(this.#container, this.#engine)
  }

  async #whenStopped(): Promise<void> {
    await this.#engine.ask('wait for a container', () => this.#container.wait({ condition: 'not-running' }))
  }

  /** Whether it has ended by itself within the grace; not, too, where the engine could not tell. */
  async #isStoppedSoon(): Promise<boolean> {
    const grace = new AbortController()
    const { clock } = this.#engine
    const isStopped = await Promise.race([
      this.#whenStopped().then(
        () => true,
        () => false,
      ),
      sleep(GRACE_MS, { clock, signal: grace.signal }).then(
        () => false,
        () => false,
      ),
    ])
    grace.abort()
    return isStopped
  }

  async #endState(): Promise<ContainerState> {
    const { State } = await this.#engine.ask('inspect a container', () => this.#container.inspect())
    if (State.Running) throw SandboxError.infra('a container that was waited for still runs')
    return State
  }

  async #usedMs(): Promise<number | undefined> {
    const which = { stream: false, 'one-shot': true } as const
    return processorMs(await this.#engine.ask('measure a container', () => this.#container.stats(which)))
  }

  /** What the engine says of a start that failed tells more than the end of the streams, which may come first. */
  async #startUp(): Promise<void> {
    const ready = this.#whenReady()
    await this.#engine.ask('start a container', () => this.#container.start())
    const said = await this.#engine.ask('wait for a container to be ready', () => ready)
    if (said === undefined) return
    await this.#whenStopped()
    const { ExitCode, OOMKilled } = await this.#endState()
    const how = `exit code ${ExitCode}${OOMKilled ? ', out of memory' : ''}`
    throw SandboxError.infra(`the container ended before it was ready, with ${how}: ${said}`)
  }

  /** Resolves to undefined when the shim is ready, and to what it has said where it ends before. */
  #whenReady(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const said: Buffer[] = []
      this.#listener = {
        onData: (from, data) => {
          if (from === 1 && data[0] === READY) return resolve(undefined)
          if (said.length < 8) said.push(data)
        },
        onEnd: () => resolve(Buffer.concat(said).toString().slice(0, 300)),
      }
    })
  }
}

/**
 * Kills and removes a container, and returns when it is gone.
 * @throws SandboxError `SANDBOX_INFRA` where it may still be there.
 */
export async function removeContainer(
  container: DockerContainer,
  engine: EngineCalls,
  clock?: Clock,
): Promise<void> {
  for (let turn = 1; ; turn++) {
    const isGone = await engine.ask('remove a container', async () => {
      try {
        await container.remove({ force: true, v: true })
        return true
      } catch (error) {
        if (isNotFound(error)) return true
        // It is being removed already, by the reaper of another process perhaps.
        if (isConflict(error) && turn < REMOVAL_TRIES) return false
        throw error
      }
    })
    if (isGone) return
    await sleep(REMOVAL_PAUSE_MS, clock === undefined ? {} : { clock })
  }
}
