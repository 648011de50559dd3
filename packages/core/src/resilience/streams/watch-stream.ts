import { type StreamObserver, StreamWatch } from './stream-watch.ts'
import { watchWebStream } from './watch-web-stream.ts'

type Stream = AsyncIterable<unknown>

/** An async generator or another iterator that is its own iterable. */
type StreamIterator = AsyncIterator<unknown>

/** The part of a Node stream that tells how it ended. */
interface NodeStream {
  readonly errored: Error | null
  readonly readableEnded: boolean
  once(event: 'close', listener: () => void): unknown
}

/**
 * The result of a call, watched to its end if it is a stream; undefined if it is none that can be watched. An async
 * iterable stays the object it is, with its iterator replaced; a web stream is passed on through another one.
 */
export function watchStream(result: unknown, observer: () => StreamObserver): object | undefined {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return undefined
  if (result instanceof ReadableStream) {
    return result.locked ? undefined : watchWebStream(result, new StreamWatch(observer()))
  }
  if (!Object.isExtensible(result)) return undefined
  const watch = new StreamWatch(observer())
  if (isNodeStream(result)) watchNodeStream(result, watch)
  // Safe: what has Symbol.asyncIterator is asked for nothing else.
  if (isIterator(result)) replaceSteps(result, result, watch)
  else replaceIterator(result as Stream, watch)
  return result
}

function isIterator(result: object): result is StreamIterator {
  return 'next' in result && typeof result.next === 'function'
}

function isNodeStream(result: object): result is NodeStream {
  return 'errored' in result && 'once' in result && typeof result.once === 'function'
}

/** Whoever pipes a Node stream or listens to it takes no iterator; its closing tells how it ended all the same. */
function watchNodeStream(stream: NodeStream, watch: StreamWatch): void {
  stream.once('close', () => {
    if (stream.errored !== null) watch.fail(stream.errored)
    else if (stream.readableEnded) watch.finish()
    else watch.stop()
  })
}

function replaceIterator(stream: Stream, watch: StreamWatch): void {
  const iterate = stream[Symbol.asyncIterator]
  define(stream, Symbol.asyncIterator, () => {
    const source = iterate.call(stream)
    const watched = { [Symbol.asyncIterator]: () => watched }
    replaceSteps(watched, source, watch)
    return watched
  })
}

/** Gives `target` the steps of `source`, watched. */
function replaceSteps(target: object, source: StreamIterator, watch: StreamWatch): void {
  const next = source.next
  const back = source.return
  const raise = source.throw
  define(target, 'next', (...given: [] | [unknown]) => watch.step(() => next.apply(source, given)))
  if (back !== undefined) {
    define(target, 'return', (value: unknown) => {
      watch.stop()
      return back.call(source, value)
    })
  }
  if (raise !== undefined) {
    define(target, 'throw', (error: unknown) => {
      watch.stop()
      return raise.call(source, error)
    })
  }
}

function define(target: object, key: string | symbol, value: unknown): void {
  Object.defineProperty(target, key, { value, configurable: true, writable: true, enumerable: false })
}
