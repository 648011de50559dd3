import type { GuestStream } from '../execution-result.ts'
import type { OutputListener } from '../ports/sandbox-backend.ts'

/** What a listener was told of each stream, put together: how it is cut into pieces is no promise. */
export interface ToldOutput {
  readonly streams: Readonly<Record<GuestStream, string>>
  readonly listener: OutputListener
}

/** Listens, and calls `onLine` with each piece after which standard output ends with the end of a line. */
export function toldOutput(onLine: () => void = () => {}): ToldOutput {
  const streams = { stdout: '', stderr: '' }
  const listener: OutputListener = (stream, text) => {
    streams[stream] += text
    if (streams.stdout.endsWith('\n')) onLine()
  }
  return { streams, listener }
}
