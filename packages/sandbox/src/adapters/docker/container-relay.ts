import type { EgressGate, EgressGateOptions } from '../../egress/egress-gate.ts'
import { NODE_RELAY } from '../../egress/relays/node-relay.ts'
import { PYTHON_RELAY } from '../../egress/relays/python-relay.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { SandboxError } from '../../sandbox-error.ts'
import type { DockerContainer } from './docker-client.ts'
import type { EngineCalls } from './engine-calls.ts'
import { StreamSplitter } from './stream-splitter.ts'

/** The frame by which a relay says that it listens: `R` for connection 0. */
const READY = Buffer.from([0x52, 0, 0, 0, 0])

/** Which relay runs in a container, by what. */
export interface RelayProgram {
  readonly language: SandboxLanguage
  readonly interpreter: string
}

/**
 * Starts a relay in a container and ties it to a gate, once it listens; the gate is closed with the relay's end. `makeGate` is
 * given what sends bytes to the relay, and what ends it. The relay runs as the program does, with no more rights.
 * @throws SandboxError `SANDBOX_INFRA`
 */
export async function startContainerRelay(
  container: DockerContainer,
  engine: EngineCalls,
  { language, interpreter }: RelayProgram,
  makeGate: (way: Pick<EgressGateOptions, 'send' | 'cut'>) => EgressGate,
): Promise<EgressGate> {
  const Cmd =
    language === 'python'
      ? [interpreter, '-I', '-S', '-B', '-c', PYTHON_RELAY]
      : [interpreter, '-e', NODE_RELAY]
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true } as const
  const stream = await engine.ask('start a relay', async () => {
    const exec = await container.exec({ ...streams, Tty: false, Cmd })
    return exec.start({ hijack: true, stdin: true })
  })
  const gate = makeGate({
    send: (data, onSent) => {
      if (stream.writable) stream.write(data, onSent)
    },
    // The relay ends with its standard input.
    cut: () => stream.end(),
  })
  const ready = Promise.withResolvers<void>()
  let said: Buffer | undefined = Buffer.alloc(0)
  const splitter = new StreamSplitter((from, data) => {
    if (from === 2) return
    if (said === undefined) return gate.push(data)
    said = Buffer.concat([said, data])
    if (said.length < READY.length) return
    if (!said.subarray(0, READY.length).equals(READY)) return onEnd()
    const rest = said.subarray(READY.length)
    said = undefined
    ready.resolve()
    if (rest.length > 0) gate.push(rest)
  })
  const onEnd = (): void => {
    gate.close()
    ready.reject(SandboxError.infra('a relay ended before it listened'))
  }
  stream.on('data', (chunk: Buffer) => splitter.push(chunk))
  for (const event of ['end', 'close', 'error']) stream.on(event, onEnd)
  await engine.ask('wait for a relay', () => ready.promise)
  return gate
}
