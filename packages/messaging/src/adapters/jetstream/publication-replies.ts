import { type Clock, type ScheduledTimer, TimeError } from '@golden-arch/core/time'
import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node'
import type { SendTurn } from './send-turn.ts'

/** What is published, and what may end the wait for its answer. */
export interface AnsweredPublication {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: MsgHdrs
  /** What is published right before it, without an answer of its own. */
  readonly precededBy?: readonly Pick<AnsweredPublication, 'subject' | 'payload' | 'headers'>[]
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** What is asked of a connection. */
export type PublishingConnection = Pick<NatsConnection, 'publish' | 'subscribe' | 'status'>

interface Waiting {
  readonly subject: string
  readonly resolve: (answer: Msg) => void
  readonly reject: (error: unknown) => void
  readonly timer: ScheduledTimer
  /** Takes the listener off the caller's signal. */
  readonly unlisten: (() => void) | undefined
}

/**
 * Publishes and hands each publication its answer; one subscription takes them all. The client's own requests do the
 * same, and keep two stack traces and a race of promises for each, which costs more than the rest of a publication.
 */
export class PublicationReplies {
  readonly #connection: PublishingConnection
  readonly #sends: SendTurn
  readonly #newInbox: () => string
  readonly #waiting = new Map<string, Waiting>()
  #subscription: Subscription | undefined
  #inbox = ''
  #count = 0
  #isClosed = false

  constructor(connection: PublishingConnection, sends: SendTurn, newInbox: () => string) {
    this.#connection = connection
    this.#sends = sends
    this.#newInbox = newInbox
    void this.#watchRefusals()
  }

  /**
   * Resolves with what was answered, which may be a status of the server instead of an acknowledgement.
   * @throws TimeError `DEADLINE_EXCEEDED`, `ABORTED`; whatever the client throws.
   */
  ask(publication: AnsweredPublication): Promise<Msg> {
    const { subject, payload, headers, precededBy = [], timeoutMs, clock, signal } = publication
    if (signal?.aborted) return Promise.reject(TimeError.aborted(signal.reason))
    return new Promise((resolve, reject) => {
      const reply = `${this.#openInbox()}${this.#count++}`
      const timer = clock.schedule(timeoutMs, () => this.#fail(reply, TimeError.deadlineExceeded(timeoutMs)))
      const unlisten = signal && this.#listen(reply, signal)
      this.#waiting.set(reply, { subject, resolve, reject, timer, unlisten })
      this.#sends.add(() => {
        if (!this.#waiting.has(reply)) return
        try {
          for (const one of precededBy) {
            this.#connection.publish(one.subject, one.payload, { headers: one.headers })
          }
          this.#connection.publish(subject, payload, { reply, headers })
        } catch (error) {
          this.#fail(reply, error)
        }
      })
    })
  }

  /** Ends the subscription once nobody waits any more; a publication after that opens another. */
  close(): void {
    this.#isClosed = true
    this.#endIfIdle()
  }

  #openInbox(): string {
    if (this.#subscription !== undefined) return this.#inbox
    const inbox = `${this.#newInbox()}.`
    const subscription = this.#connection.subscribe(`${inbox}*`, {
      callback: (error, answer) => {
        if (error) this.#failAll(error)
        else this.#take(answer.subject)?.resolve(answer)
      },
    })
    this.#subscription = subscription
    this.#inbox = inbox
    void subscription.closed.then((error) => {
      if (this.#subscription !== subscription) return
      this.#subscription = undefined
      this.#failAll(error ?? new Error('connection closed'))
    })
    return inbox
  }

  #listen(reply: string, signal: AbortSignal): () => void {
    const onAbort = (): void => this.#fail(reply, TimeError.aborted(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    return () => signal.removeEventListener('abort', onAbort)
  }

  #take(reply: string): Waiting | undefined {
    const waiting = this.#waiting.get(reply)
    if (waiting === undefined) return undefined
    this.#waiting.delete(reply)
    waiting.timer.cancel()
    waiting.unlisten?.()
    this.#endIfIdle()
    return waiting
  }

  #fail(reply: string, error: unknown): void {
    this.#take(reply)?.reject(error)
  }

  #failAll(error: unknown, subject?: string): void {
    for (const [reply, waiting] of this.#waiting) {
      if (subject === undefined || waiting.subject === subject) this.#fail(reply, error)
    }
  }

  #endIfIdle(): void {
    if (!this.#isClosed || this.#waiting.size > 0) return
    const subscription = this.#subscription
    this.#subscription = undefined
    subscription?.unsubscribe()
  }

  /** A server that refuses to let the client publish tells the connection, not the publication. */
  async #watchRefusals(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type !== 'error') continue
      const { error } = status
      if ('operation' in error && error.operation === 'publish' && 'subject' in error) {
        this.#failAll(error, String(error.subject))
      }
    }
  }
}
