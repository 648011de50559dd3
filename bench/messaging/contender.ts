/** Bytes of a job as JSON. */
const JOB_BYTES = 256

/** What is to be done. */
export interface Job {
  readonly index: number
  readonly padding: string
}

/** A job of {@link JOB_BYTES}. */
export function jobOf(index: number): Job {
  const room = JOB_BYTES - JSON.stringify({ index, padding: '' }).length
  return { index, padding: 'x'.repeat(room) }
}

/** The services that contenders work on; those with `Always` are told to wait for the disk. */
export interface Services {
  readonly postgres: string
  readonly redis: string
  readonly redisAlways: string
  readonly nats: string
  readonly natsAlways: string
}

/** What an enqueued job survives. */
export type Durability = 'process crash' | 'power, but for 1 s' | 'power loss'

/** A queue, made ready for one round. */
export interface Contender {
  readonly name: string
  readonly durability: Durability
  /** Jobs of a round at scale 1, so that each takes about as long. */
  readonly jobs: number
  open(services: Services): Promise<OpenContender>
}

/** A queue at work. */
export interface OpenContender {
  /** Starts handling; `handle` is told the index of each job. */
  work(handle: (index: number) => void): Promise<void>
  /** Resolves once the job is stored. */
  enqueue(job: Job): Promise<void>
  /** Handles nothing more; resolves when what was handled is settled. */
  stop(): Promise<void>
  /** Jobs that are not done yet, as the queue itself says. */
  left(): Promise<number>
  /** Takes the data away and ends the connections. */
  close(): Promise<void>
}
