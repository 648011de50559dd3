import type { StreamWatch } from './stream-watch.ts'

/** A stream with the chunks of `stream`, watched; it reads no chunk before it is asked for one. */
export function watchWebStream(stream: ReadableStream<unknown>, watch: StreamWatch): ReadableStream<unknown> {
  const reader = stream.getReader()
  return new ReadableStream<unknown>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await watch.step(() => reader.read())
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(error)
          // The source may go on where only the wait for it was given up.
          await reader.cancel(error).catch(() => {})
        }
      },
      cancel: (reason) => {
        watch.stop()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
