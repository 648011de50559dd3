/** The container runtime: `runsc` is gVisor; `runc` is weaker, and its results say `container`. */
export type DockerRuntime = 'runsc' | 'runc'
