/**
 * What stands between the guest and the host, from weak to strong:
 * - `best-effort`: a seat belt; a determined guest gets out.
 * - `wasm`: an interpreter inside WebAssembly, in the host's own process. The guest has no way to name a file, a
 *   socket or a process, but a flaw in the engine lands in the host.
 * - `namespace`: a process of its own in Linux namespaces with a system call filter, on the shared kernel.
 * - `container`: the same with control groups and an image of its own, by a container engine.
 * - `gvisor`: a container whose system calls end in a kernel of its own, in user space.
 */
export type IsolationLevel = 'best-effort' | 'wasm' | 'namespace' | 'container' | 'gvisor'

/** The isolation levels, weakest first. */
export const ISOLATION_LEVELS: readonly IsolationLevel[] = Object.freeze([
  'best-effort',
  'wasm',
  'namespace',
  'container',
  'gvisor',
])

/** Whether `available` is `required` or stronger. */
export function satisfiesIsolation(available: IsolationLevel, required: IsolationLevel): boolean {
  return ISOLATION_LEVELS.indexOf(available) >= ISOLATION_LEVELS.indexOf(required)
}
