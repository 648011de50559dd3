/** The services that tests may ask for, in the order in which they are reported. */
export const SERVICE_NAMES = [
  'postgres',
  'redis',
  'nats',
  'docker',
  'bubblewrap',
  'prometheus',
  'chromium',
] as const

/** A service that tests may ask for. */
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** The ways to a service, in the order in which they are tried. */
export const WAYS = ['environment', 'named', 'compose', 'installed', 'debian', 'npm'] as const

/** How a service was found. */
export type Way = (typeof WAYS)[number]

/** A service that answers. */
export interface Service {
  /** Which service it is. */
  readonly name: ServiceName
  /** Address with credentials, as its clients take it: `postgres://`, `redis://`, `nats://`, `unix://` or a program's `file://`. */
  readonly address: string
  /** What the running server said of itself, such as `15.18`. */
  readonly version: string
  /** The way that it was found. */
  readonly how: Way
}

/** A service that we started and that therefore is ours to stop. */
export interface StartedService extends Service {
  /** Ends it, at the latest 15 seconds later, and removes its data. Calling it again does nothing. */
  stop(): Promise<void>
  /** Ends it at once, as `kill -9` does; its data stays. */
  kill(): Promise<void>
  /** Starts it again, on the same port and the same data. A running service is ended in good order before. */
  restart(): Promise<void>
}

/** The oldest version that the product supports, as numbers to compare. */
export const VERSION_FLOORS: Readonly<Record<ServiceName, readonly number[]>> = {
  postgres: [14],
  redis: [7],
  nats: [2, 10],
  docker: [20, 10],
  bubblewrap: [0, 5],
  chromium: [110],
  prometheus: [2, 42],
}
