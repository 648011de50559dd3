/** What is read of a container's state. */
export interface ContainerState {
  readonly Running: boolean
  readonly OOMKilled: boolean
  readonly ExitCode: number
}

/** The part of a dockerode exec that we need. */
export interface DockerExec {
  start(options: { readonly hijack: true; readonly stdin: true }): Promise<NodeJS.ReadWriteStream>
}

/** The part of a dockerode container that we need. */
export interface DockerContainer {
  readonly id: string
  attach(options: {
    readonly stream: true
    readonly hijack: true
    readonly stdin: true
    readonly stdout: true
    readonly stderr: true
  }): Promise<NodeJS.ReadWriteStream>
  start(): Promise<unknown>
  wait(options: { readonly condition: 'not-running' }): Promise<unknown>
  inspect(): Promise<{ readonly State: ContainerState }>
  /** Asked for only with egress. */
  exec(options: {
    readonly AttachStdin: true
    readonly AttachStdout: true
    readonly AttachStderr: true
    readonly Tty: false
    readonly Cmd: string[]
  }): Promise<DockerExec>
  /** Resolves to the container's figures, of which `cpu_stats.cpu_usage.total_usage` is read, in nanoseconds. */
  stats(options: { readonly stream: false; readonly 'one-shot': true }): Promise<unknown>
  kill(): Promise<unknown>
  remove(options: { readonly force: true; readonly v: true }): Promise<unknown>
}

/** One row of the engine's list of containers. */
export interface ListedContainer {
  readonly Id: string
  readonly Labels: Readonly<Record<string, string>>
}

/** The part of dockerode 5 that we need: pass a `Docker`. */
export interface DockerClient {
  /** Resolves to the engine's facts, of which `Runtimes` and `KernelVersion` are read. */
  info(): Promise<unknown>
  getImage(name: string): { inspect(): Promise<{ readonly Id: string }> }
  createContainer(options: ContainerOptions): Promise<DockerContainer>
  getContainer(id: string): DockerContainer
  listContainers(options: {
    readonly all: true
    readonly filters: { readonly label: string[] }
  }): Promise<readonly ListedContainer[]>
}

/** How a container of ours is made. */
export interface ContainerOptions {
  readonly Image: string
  readonly Entrypoint: string[]
  readonly Cmd: string[]
  readonly Env: string[]
  readonly User: string
  readonly Hostname: string
  readonly WorkingDir: string
  readonly NetworkDisabled: true
  readonly AttachStdin: true
  readonly AttachStdout: true
  readonly AttachStderr: true
  readonly OpenStdin: true
  readonly StdinOnce: true
  readonly Tty: false
  readonly StopTimeout: number
  readonly Labels: Record<string, string>
  readonly HostConfig: {
    readonly Runtime: string
    readonly NetworkMode: 'none'
    readonly IpcMode: 'none'
    readonly ReadonlyRootfs: true
    readonly CapDrop: string[]
    readonly SecurityOpt: string[]
    readonly PidsLimit: number
    readonly Memory: number
    readonly MemorySwap: number
    readonly NanoCpus: number
    readonly Ulimits: { readonly Name: string; readonly Soft: number; readonly Hard: number }[]
    readonly Tmpfs: Record<string, string>
    readonly LogConfig: { readonly Type: string; readonly Config: Record<string, string> }
  }
}
