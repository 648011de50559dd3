/** A message of a `text/event-stream`: the fields that the specification of server-sent events names. */
export interface StreamMessage {
  /** What a client sends back as `Last-Event-ID`. */
  readonly id?: string
  /** Absent: `message`. */
  readonly event?: string
  /** Anything that JSON can say: its text has no line ends. */
  readonly data: unknown
}

/** A comment, which clients pass over: it shows that the connection lives. */
export const HEARTBEAT = ':\n\n'

/** The message as it goes over the wire. */
export function streamText({ id, event, data }: StreamMessage): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ]
  return `${lines.join('\n')}\n\n`
}
