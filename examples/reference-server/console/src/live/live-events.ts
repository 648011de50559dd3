import { session } from '../session/session.ts'

/** An event of a task as the server tells it. */
export interface LiveEvent {
  readonly id: string
  readonly type: string
  readonly task_id: string
  readonly time: string
  readonly data: unknown
}

/** How it stands with the connection. `off`: nobody may listen. */
export type LiveStatus = 'off' | 'connecting' | 'live' | 'reconnecting'

interface Subscription {
  readonly taskId: string | null
  readonly listeners: Set<(event: LiveEvent) => void>
  cursor: string | undefined
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const UNAUTHENTICATED = 4401

/** One WebSocket for the events of tasks. It opens again when it breaks, and goes on behind the last event. */
class LiveEvents {
  #socket: WebSocket | undefined
  #status: LiveStatus = 'off'
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #subscriptions = new Map<string | null, Subscription>()
  readonly #watchers = new Set<() => void>()

  /** As `useSyncExternalStore` wants it. */
  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
  readonly status = (): LiveStatus => this.#status

  start(): void {
    if (this.#status === 'off') this.#open('connecting')
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#become('off')
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
    this.#subscriptions.clear()
  }

  /** Hears the events of a task from its creation on, or of all tasks from now on. Returns how to stop that. */
  hear(taskId: string | null, listener: (event: LiveEvent) => void): () => void {
    const known = this.#subscriptions.get(taskId)
    const subscription = known ?? { taskId, listeners: new Set(), cursor: undefined }
    subscription.listeners.add(listener)
    if (known === undefined) {
      this.#subscriptions.set(taskId, subscription)
      this.#subscribe(subscription)
    }
    return () => {
      subscription.listeners.delete(listener)
      if (subscription.listeners.size > 0 || this.#subscriptions.get(taskId) !== subscription) return
      this.#subscriptions.delete(taskId)
      this.#send({ type: 'unsubscribe', ...of(taskId) })
    }
  }

  #open(status: LiveStatus): void {
    this.#become(status)
    const { protocol, host } = window.location
    const socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/v1/ws`)
    this.#socket = socket
    socket.onopen = () => this.#send({ type: 'authenticate', token: session.token ?? '' })
    socket.onmessage = ({ data }) => this.#take(JSON.parse(String(data)))
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) void this.#openAgain(code)
    }
  }

  async #openAgain(code: number): Promise<void> {
    this.#become('reconnecting')
    this.#failures += 1
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1))
    // Spread, so that the browsers of all do not come back at once.
    const waitMs = longest * (0.5 + Math.random() / 2)
    if (code === UNAUTHENTICATED) await session.refresh().catch(() => false)
    if (this.#status !== 'reconnecting') return
    this.#timer = setTimeout(() => this.#open('reconnecting'), waitMs)
  }

  #take(message: {
    readonly type: string
    readonly task_id?: string | null
    readonly cursor?: string
    readonly event?: LiveEvent
  }): void {
    if (message.type === 'authenticated') {
      this.#failures = 0
      this.#become('live')
      for (const subscription of this.#subscriptions.values()) this.#subscribe(subscription)
      return
    }
    const subscription = this.#subscriptions.get(message.task_id ?? null)
    if (message.type !== 'event' || subscription === undefined || message.event === undefined) return
    subscription.cursor = message.cursor
    for (const listener of subscription.listeners) listener(message.event)
  }

  #subscribe({ taskId, cursor }: Subscription): void {
    if (this.#status !== 'live') return
    this.#send({ type: 'subscribe', ...of(taskId), ...(cursor === undefined ? {} : { after: cursor }) })
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #become(status: LiveStatus): void {
    if (this.#status === status) return
    this.#status = status
    for (const watcher of this.#watchers) watcher()
  }
}

function of(taskId: string | null): { readonly task_id?: string } {
  return taskId === null ? {} : { task_id: taskId }
}

/** The events of tasks, live. */
export const liveEvents: LiveEvents = new LiveEvents()
