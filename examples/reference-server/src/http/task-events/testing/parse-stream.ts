/** A message of a `text/event-stream`, as a client understands it. */
export interface StreamedMessage {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: unknown
}

/** Reads a whole `text/event-stream` as its specification says, for tests. */
export function parseStream(text: string): readonly StreamedMessage[] {
  return text
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith(':')))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const fieldOf = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      return { id: fieldOf('id'), event: fieldOf('event'), data: JSON.parse(fieldOf('data') ?? 'null') }
    })
}
