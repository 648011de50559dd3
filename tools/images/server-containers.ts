import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { SERVER_ROLES, type ServerRole } from '../../examples/reference-server/src/server-role.ts'
import { KUBERNETES_FOLDER, readResources } from '../kubernetes/manifests/read-manifests.ts'
import { workloadsOf } from '../kubernetes/manifests/workload.ts'
import { containerOf, type PodPlace } from './pod-container.ts'

const WATCH_PORT = 9464
const GATEWAY_PORT = 8000
const PAUSE_MS = 50
/** What `terminationGracePeriodSeconds` leaves after the pause before the signal. */
const STOP_SECONDS = 260
const manifests = readResources(`${KUBERNETES_FOLDER}/base`)

/** Where and with what the containers run; their words come from the manifests. */
export type ServerPlace = Omit<PodPlace, 'manifests'>

/** The server as its manifests have it: one container for each service, and one that migrates before them. */
export class ServerContainers {
  /** Milliseconds from the start to readiness, for each start of a service. */
  readonly startsMs: (readonly [role: ServerRole, ms: number])[] = []
  /** The most memory that each service was seen with, in bytes, without what the kernel can take back. */
  readonly memoryBytes = new Map<ServerRole, number>()
  readonly #docker: Docker
  readonly #place: ServerPlace
  readonly #made = new Set<Docker.Container>()
  readonly #serving = new Map<ServerRole, Docker.Container>()

  constructor(docker: Docker, place: ServerPlace) {
    this.#docker = docker
    this.#place = place
  }

  /** Runs the Job of the migrations to its end. Throws what it said where it fails. */
  async migrate(): Promise<void> {
    const container = await this.#make('migrations')
    await container.start()
    // What the engine tells of an end, of which one member is read.
    const { StatusCode } = (await container.wait()) as { StatusCode: number }
    if (StatusCode !== 0)
      throw new Error(`the migrations ended with ${StatusCode}: ${await lastWords(container)}`)
  }

  /** Starts every service, and waits until each is ready. */
  async start(): Promise<void> {
    for (const role of SERVER_ROLES) this.#serving.set(role, await this.#make(role))
    await Promise.all(SERVER_ROLES.map((role) => this.resume(role)))
  }

  /** Where the gateway is reached from this machine. */
  async address(): Promise<string> {
    return `http://${await this.#ipOf('gateway')}:${GATEWAY_PORT}`
  }

  /** Kills a service as `kill -9` does, and waits until it is gone. */
  async kill(role: ServerRole): Promise<void> {
    const container = this.#containerOf(role)
    const ended = container.wait()
    await container.kill({ signal: 'SIGKILL' })
    await ended
  }

  /** Starts the container of a service again, and waits until it is ready. */
  async resume(role: ServerRole): Promise<void> {
    const container = this.#containerOf(role)
    const startedAt = performance.now()
    await container.start()
    const url = `http://${await this.#ipOf(role)}:${WATCH_PORT}/health/ready`
    while (!(await isOk(url))) {
      const { State } = await container.inspect()
      if (!State.Running)
        throw new Error(`${role} ended with ${State.ExitCode}: ${await lastWords(container)}`)
      await delay(PAUSE_MS)
    }
    this.startsMs.push([role, performance.now() - startedAt])
  }

  /** Looks at the memory of each service. */
  async measure(): Promise<void> {
    for (const [role, container] of this.#serving) {
      const { memory_stats: memory } = await container.stats({ stream: false, 'one-shot': true })
      // By the first version of control groups the sum is told by another name.
      const files = memory?.stats?.inactive_file ?? memory?.stats?.total_inactive_file ?? 0
      const held = (memory?.usage ?? 0) - files
      this.memoryBytes.set(role, Math.max(held, this.memoryBytes.get(role) ?? 0))
    }
  }

  /** Waits until the engine has found every container healthy by the image's own check. */
  async whenHealthy(signal: AbortSignal): Promise<void> {
    for (const container of this.#serving.values()) {
      while ((await container.inspect()).State.Health?.Status !== 'healthy')
        await delay(PAUSE_MS, undefined, { signal })
    }
  }

  /** Tells every service to stop in good order; those that did not, with what they said. */
  async stop(): Promise<readonly string[]> {
    const ends = await Promise.all(
      [...this.#serving].map(async ([role, container]) => {
        await container.stop({ t: STOP_SECONDS })
        const { ExitCode } = (await container.inspect()).State
        return ExitCode === 0 ? [] : [`${role} ended with ${ExitCode}: ${await lastWords(container)}`]
      }),
    )
    return ends.flat()
  }

  /** Removes every container, whatever its state. */
  async destroy(): Promise<void> {
    for (const container of this.#made)
      await container.remove({ force: true, v: true }).catch(() => undefined)
  }

  async #make(name: string): Promise<Docker.Container> {
    const workload = workloadsOf(manifests).find(({ manifest }) => manifest.metadata.name === name)
    if (workload === undefined) throw new Error(`nothing in the manifests is called ${name}`)
    const container = await this.#docker.createContainer(containerOf(workload, { ...this.#place, manifests }))
    this.#made.add(container)
    return container
  }

  #containerOf(role: ServerRole): Docker.Container {
    const container = this.#serving.get(role)
    if (container === undefined) throw new Error(`nobody has started ${role}`)
    return container
  }

  async #ipOf(role: ServerRole): Promise<string> {
    const { NetworkSettings } = await this.#containerOf(role).inspect()
    return NetworkSettings.Networks[this.#place.network]?.IPAddress ?? ''
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function lastWords(container: Docker.Container): Promise<string> {
  const said = await container.logs({ stdout: true, stderr: true, tail: 20 })
  return said.toString().slice(-2000)
}
