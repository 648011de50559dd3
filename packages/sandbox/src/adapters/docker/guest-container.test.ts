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
function starting(play: (stream: PassThrough) => Promise<void>, state: Partial<ContainerState> = {}) {
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
  const engine = new EngineCalls(new FakeClock(), 1000)
  return { calls, guest: GuestContainer.start(docker, engine, options, (id) => calls.push(id)) }
}

describe('a container that is started', () => {
  it('is there once its shim says so', async () => {
    const { calls, guest } = starting(async (stream) => void stream.write(framed(1, 'R')))
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
