import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'

const outage = new Error('overloaded')

async function* failingGenerator(): AsyncGenerator<number> {
  yield 1
  throw outage
}

async function* goodGenerator(): AsyncGenerator<number> {
  yield 1
  yield 2
}

/** An answer of a client library: an object with more to it than its chunks. */
class ModelStream {
  readonly #chunks: () => AsyncIterator<number>
  readonly id = 'answer-7'
  constructor(chunks: () => AsyncIterator<number>) {
    this.#chunks = chunks
  }
  [Symbol.asyncIterator](): AsyncIterator<number> {
    return this.#chunks()
  }
}

const webStream = (chunks: () => AsyncIterable<number>): ReadableStream<number> =>
  ReadableStream.from(chunks())

const KINDS: readonly {
  readonly kind: string
  readonly make: (chunks: () => AsyncGenerator<number>) => AsyncIterable<number>
}[] = [
  { kind: 'an async generator', make: (chunks) => chunks() },
  { kind: 'an object with an iterator', make: (chunks) => new ModelStream(chunks) },
  { kind: 'a web stream', make: webStream },
  { kind: 'a Node stream', make: (chunks) => Readable.from(chunks()) },
]

async function read(stream: AsyncIterable<number>): Promise<number[]> {
  const chunks: number[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe.each(KINDS)('the stream of a call as $kind', ({ make }) => {
  it('counts as a failure when it fails after the call answered', async () => {
    const breaker = new CircuitBreaker('model', { failureThreshold: 1 })
    const stream = await breaker.execute(() => make(failingGenerator))
    expect(breaker.state.status).toBe('closed')
    await expect(read(stream)).rejects.toBe(outage)
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'consecutive-failures' })
  })

  it('counts as a success at its end, with every chunk passed on', async () => {
    const breaker = new CircuitBreaker('model')
    await breaker.execute(() => Promise.reject(outage)).catch(() => {})
    const stream = await breaker.execute(() => make(goodGenerator))
    expect(breaker.failureCount).toBe(1)
    expect(await read(stream)).toEqual([1, 2])
    expect(breaker.failureCount).toBe(0)
  })

  it('counts as a success when its reader has read enough', async () => {
    const breaker = new CircuitBreaker('model')
    await breaker.execute(() => Promise.reject(outage)).catch(() => {})
    for await (const _chunk of await breaker.execute(() => make(goodGenerator))) break
    await new Promise((resolve) => setImmediate(resolve))
    expect(breaker.failureCount).toBe(0)
  })
})

it('a stream stays the object that the call gave, a web stream apart', async () => {
  const breaker = new CircuitBreaker('model')
  const given = new ModelStream(goodGenerator)
  const got = await breaker.execute(() => given)
  expect(got).toBe(given)
  expect(got.id).toBe('answer-7')
  const web = await breaker.execute(() => webStream(goodGenerator))
  expect(web).toBeInstanceOf(ReadableStream)
  expect(
    await new Response(
      web.pipeThrough(
        new TransformStream({ transform: (n, c) => c.enqueue(new TextEncoder().encode(String(n))) }),
      ),
    ).text(),
  ).toBe('12')
})

it('an iterator that can only step still does, and may be left early', async () => {
  const breaker = new CircuitBreaker('model')
  const stream = await breaker.execute(() => new ModelStream(() => ({ next: async () => ({ value: 1 }) })))
  for await (const chunk of stream) {
    expect(chunk).toBe(1)
    break
  }
  const iterator = stream[Symbol.asyncIterator]()
  expect([iterator.return, iterator.throw]).toEqual([undefined, undefined])
})

it('a Node stream that is listened to in place of iterated counts all the same', async () => {
  const breaker = new CircuitBreaker('model', { failureThreshold: 1 })
  const stream = await breaker.execute(() => Readable.from(failingGenerator()))
  const { promise, resolve } = Promise.withResolvers<unknown>()
  stream.on('error', () => {})
  stream.on('close', () => resolve(undefined))
  stream.resume()
  await promise
  expect(breaker.state.status).toBe('open')
})

it('cancelling a web stream before its first chunk says nothing about the service', async () => {
  const breaker = new CircuitBreaker('model')
  await breaker.execute(() => Promise.reject(outage)).catch(() => {})
  await (await breaker.execute(() => webStream(goodGenerator))).cancel()
  expect(breaker.failureCount).toBe(1)
})

it('a probe closes the circuit with the end of its stream, and chunks keep it alive', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker('model', {
    clock,
    failureThreshold: 1,
    recoveryTimeoutMs: 10,
    probeTimeoutMs: 100,
  })
  await breaker.execute(() => Promise.reject(outage)).catch(() => {})
  await clock.advance(10)
  const stream = await breaker.execute(async function* () {
    for (let chunk = 0; chunk < 5; chunk++) {
      await clock.advance(80)
      yield chunk
    }
  })
  expect(breaker.state).toMatchObject({ status: 'half-open', probesInFlight: 1 })
  expect(await read(stream)).toHaveLength(5)
  expect(breaker.state.status).toBe('closed')
  expect(clock.pendingCount).toBe(0)
})

it.each([
  { kind: 'an iterator', wrap: (chunks: AsyncGenerator<number>): AsyncIterable<number> => chunks },
  { kind: 'a web stream', wrap: (chunks: AsyncGenerator<number>) => webStream(() => chunks) },
])(
  'the reader of a probe that falls silent as $kind gets PROBE_TIMEOUT, and the circuit opens again',
  async ({ wrap }) => {
    const clock = new FakeClock()
    const breaker = new CircuitBreaker('model', {
      clock,
      failureThreshold: 1,
      recoveryTimeoutMs: 10,
      probeTimeoutMs: 100,
    })
    await breaker.execute(() => Promise.reject(outage)).catch(() => {})
    await clock.advance(10)
    const stream = await breaker.execute((signal) =>
      wrap(
        (async function* () {
          yield 1
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason)),
          )
        })(),
      ),
    )
    const reading = expect(read(stream)).rejects.toMatchObject({ code: 'PROBE_TIMEOUT' })
    await clock.advance(0)
    await clock.advance(100)
    await reading
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'probe-failed' })
  },
)

it('a stream that fails because its caller lost interest counts as nothing', async () => {
  const breaker = new CircuitBreaker('model', { failureThreshold: 1 })
  const caller = new AbortController()
  const stream = await breaker.execute(
    async function* (signal) {
      yield 1
      signal.throwIfAborted()
    },
    { signal: caller.signal },
  )
  const reading = (async () => {
    for await (const _chunk of stream) caller.abort('enough')
  })()
  await expect(reading).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect(breaker.state.status).toBe('closed')
})

it('streams are not watched where the breaker is told not to, nor where they cannot be', async () => {
  const breaker = new CircuitBreaker('model', { failureThreshold: 1, watchesStreams: false })
  await read(await breaker.execute(failingGenerator)).catch(() => {})
  expect(breaker.state.status).toBe('closed')
  const watching = new CircuitBreaker('model', { failureThreshold: 1 })
  await watching.execute(() => Object.freeze({ [Symbol.asyncIterator]: failingGenerator }))
  expect(watching.failureCount).toBe(0)
})

it('a stream that the rules of the circuit call a failure counts once, however it is read', async () => {
  const breaker = new CircuitBreaker('model', { failureThreshold: 9, isFailure: () => true })
  const outcomes: string[] = []
  breaker.on('circuit.callEnded', ({ outcome }) => outcomes.push(outcome))
  const stream = await breaker.execute(() => goodGenerator())
  expect(outcomes).toEqual(['failure'])
  await read(stream)
  expect(outcomes).toEqual(['failure'])
})

describe('a stream whose reader raises an error in it', () => {
  it('says nothing about the service before its first chunk', async () => {
    const breaker = new CircuitBreaker('openai', { failureThreshold: 1 })
    const outcomes: string[] = []
    breaker.on('circuit.callEnded', ({ outcome }) => outcomes.push(outcome))
    const stream = await breaker.execute(() => goodGenerator())
    await expect(stream.throw(new Error('of the reader'))).rejects.toThrow('of the reader')
    expect([outcomes, breaker.state.status]).toEqual([['ignored'], 'closed'])
  })
})

describe('a web stream that a probe gives up on', () => {
  it('is cancelled at its source', async () => {
    const clock = new FakeClock()
    const breaker = new CircuitBreaker('openai', { failureThreshold: 1, probeTimeoutMs: 100, clock })
    await breaker.execute(() => Promise.reject(outage)).catch(() => {})
    await clock.advance(30_000)
    const cancelled: unknown[] = []
    const silent = new ReadableStream({ cancel: (reason) => void cancelled.push(reason) })
    const reader = (await breaker.execute(async () => silent)).getReader()
    const read = expect(reader.read()).rejects.toMatchObject({ code: 'PROBE_TIMEOUT' })
    await clock.advance(100)
    await read
    expect(cancelled).toMatchObject([{ code: 'PROBE_TIMEOUT' }])
  })
})

describe.each(KINDS)('a probe that answered with $kind which nobody reads on', ({ make }) => {
  async function probe(signal?: AbortSignal): Promise<{
    breaker: CircuitBreaker
    clock: FakeClock
    outcomes: string[]
    stream: AsyncIterable<number>
  }> {
    const clock = new FakeClock()
    const options = { clock, failureThreshold: 1, recoveryTimeoutMs: 10, probeTimeoutMs: 100 }
    const breaker = new CircuitBreaker('model', options)
    await breaker.execute(() => Promise.reject(outage)).catch(() => {})
    await clock.advance(10)
    const outcomes: string[] = []
    breaker.on('circuit.callEnded', ({ outcome }) => outcomes.push(outcome))
    const stream = await breaker.execute(async () => make(goodGenerator), { signal })
    return { breaker, clock, outcomes, stream }
  }

  it('opens the circuit again when its time is up, once, and tells a late reader why', async () => {
    const { breaker, clock, outcomes, stream } = await probe()
    await clock.advance(99)
    expect(breaker.state).toMatchObject({ status: 'half-open', probesInFlight: 1 })
    await clock.advance(1)
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'probe-failed' })
    await expect(read(stream)).rejects.toMatchObject({ code: 'PROBE_TIMEOUT' })
    expect([outcomes, clock.pendingCount]).toEqual([['failure'], 0])
    await clock.advance(10)
    await expect(breaker.execute(() => 'up')).resolves.toBe('up')
    expect(breaker.state.status).toBe('closed')
  })

  it('opens it again also where its reader dropped it after a chunk', async () => {
    const { breaker, clock, outcomes, stream } = await probe()
    await expect(stream[Symbol.asyncIterator]().next()).resolves.toMatchObject({ value: 1 })
    await clock.advance(100)
    expect(breaker.state).toMatchObject({ status: 'open', reason: 'probe-failed' })
    expect([outcomes, clock.pendingCount]).toEqual([['failure'], 0])
  })

  it('gives its place back when its caller loses interest', async () => {
    const caller = new AbortController()
    const { breaker, clock, outcomes } = await probe(caller.signal)
    caller.abort('enough')
    expect(breaker.state).toMatchObject({ status: 'half-open', probesInFlight: 0 })
    expect([outcomes, clock.pendingCount]).toEqual([['ignored'], 0])
    await expect(breaker.execute(() => 'up')).resolves.toBe('up')
  })
})

it('a probe given up as it answers with a stream counts at once', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker('model', { clock, failureThreshold: 1, recoveryTimeoutMs: 10 })
  await breaker.execute(() => Promise.reject(outage)).catch(() => {})
  await clock.advance(10)
  const caller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<AsyncIterable<number>>()
  const answered = breaker.execute(() => promise, { signal: caller.signal })
  const given = promise.then(() => {}).then(() => caller.abort('enough'))
  resolve(goodGenerator())
  await Promise.allSettled([answered, given])
  expect(breaker.state).toMatchObject({ status: 'half-open', probesInFlight: 0 })
})
