import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import type { ContainerOptions, ContainerState, DockerClient, DockerContainer } from './docker-client.ts'
import { EngineCalls } from './engine-calls.ts'
import { GuestContainer } from './guest-container.ts'

/** What the engine puts before each piece of a stream: which stream, and how many bytes. */
function framed(stream: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

/** A start in an engine of which the test plays one container. */
function starting(
  play: (stream: PassThrough) => Promise<void>,
  state: Partial<ContainerState> = {},
  more: Partial<DockerContainer> = {},
) {
  const stream = new PassThrough()
  const calls: string[] = []
  const container: DockerContainer = {
    id: 'one',
    attach: async () => stream,
    start: () => play(stream),
    wait: async () => void calls.push('wait'),
    inspect: async () => ({ State: { Running: false, OOMKilled: false, ExitCode: 0, ...state } }),
    exec: () => expect.unreachable(),
    stats: () => expect.unreachable(),
    kill: () => expect.unreachable(),
    remove: async () => void calls.push('remove'),
    ...more,
  }
  const docker: DockerClient = {
    info: () => expect.unreachable(),
    getImage: () => expect.unreachable(),
    getContainer: () => expect.unreachable(),
    listContainers: () => expect.unreachable(),
    createContainer: async () => container,
  }
  // Safe: the number of processors is all that is read of the options here.
  const options = { HostConfig: { NanoCpus: 1e9 } } as ContainerOptions
  const clock = new FakeClock()
  const engine = new EngineCalls(clock, 30_000)
  return { calls, clock, guest: GuestContainer.start(docker, engine, options, (id) => calls.push(id)) }
}

const sayReady = async (stream: PassThrough): Promise<void> => void stream.write(framed(1, 'R'))

describe('a container that is started', () => {
  it('is there once its shim says so', async () => {
    const { calls, guest } = starting(sayReady)
    expect((await guest).isUsable).toBe(true)
    expect(calls).toEqual(['one'])
  })

  it('says how it ended where it ended before, with its last words, and is removed', async () => {
    const play = async (stream: PassThrough): Promise<void> => {
      stream.end(framed(2, 'no interpreter'))
    }
    const { calls, guest } = starting(play, { ExitCode: 137, OOMKilled: true })
    await expect(guest).rejects.toMatchObject({
      code: 'SANDBOX_INFRA',
      message: 'the container ended before it was ready, with exit code 137, out of memory: no interpreter',
    })
    expect(calls).toEqual(['one', 'wait', 'remove'])
  })

  it('says why the engine did not start it, though its streams ended before the engine said so', async () => {
    const { calls, guest } = starting(async (stream) => {
      stream.resume()
      stream.end()
      await once(stream, 'end')
      throw new Error('no such runtime')
    })
    await expect(guest).rejects.toMatchObject({
      code: 'SANDBOX_INFRA',
      message: expect.stringContaining('no such runtime'),
    })
    expect(calls).toEqual(['one', 'remove'])
  })
})

describe('a container whose program has said that it ends', () => {
  it('tells how it ended, and is not killed for it', async () => {
    const { calls, clock, guest } = starting(sayReady, { ExitCode: 3 })
    expect(await (await guest).ended()).toEqual({ exitCode: 3, isOutOfMemory: false })
    expect(calls).toEqual(['one', 'wait'])
    expect(clock.pendingCount).toBe(0)
  })

  it('is killed after a moment where it goes on all the same, which is no failure of the host', async () => {
    const { calls, clock, guest } = endless(async () => {})
    const ended = (await guest).ended(true)
    await clock.advance(999)
    expect(calls).toEqual(['one', 'wait'])
    await clock.advance(1)
    expect(calls.slice(2, 4)).toEqual(['kill', 'wait'])
    await clock.advance(2000)
    expect(await ended).toEqual({ exitCode: 137, isOutOfMemory: false })
    expect(clock.pendingCount).toBe(0)
  })

  it('is killed at once where nobody can wait for it', async () => {
    const { calls, clock, guest } = endless(() => Promise.reject(new Error('no such connection')))
    const ended = (await guest).ended()
    await clock.advance(0)
    expect(calls.slice(0, 4)).toEqual(['one', 'wait', 'kill', 'wait'])
    await clock.advance(2000)
    expect(await ended).toEqual({ exitCode: 137, isOutOfMemory: false })
    expect(clock.pendingCount).toBe(0)
  })
})

/** A container that goes on until it is killed; the first wait for it may fail. */
function endless(firstWait: () => Promise<void>) {
  const killed = Promise.withResolvers<void>()
  let waits = 0
  const started = starting(
    sayReady,
    { ExitCode: 137 },
    {
      wait: async () => {
        started.calls.push('wait')
        if (waits++ === 0) await firstWait()
        await killed.promise
      },
      kill: async () => {
        started.calls.push('kill')
        killed.resolve()
      },
    },
  )
  return started
}
