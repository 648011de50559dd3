import { vi } from 'vitest'
import type { Behaviour } from './behaviour.ts'
import { type PeerCircuit, RECOVERY_MS } from './peer.ts'

const down = new Error('down')
const fail = (): Promise<never> => Promise.reject(down)
const succeed = (): Promise<string> => Promise.resolve('up')
const hang = (): Promise<never> => new Promise(() => {})

async function failTimes(circuit: PeerCircuit, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await circuit.call(fail).catch(() => {})
}

/** Opens the circuit and waits until it would let a probe through. */
async function recover(circuit: PeerCircuit): Promise<void> {
  await failTimes(circuit, 2)
  await vi.advanceTimersByTimeAsync(RECOVERY_MS + 1)
}

/** What became of a call by now: its result, its error, or undefined while it is under way. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  let outcome: unknown
  call.then(
    (value) => {
      outcome = value ?? 'nothing'
    },
    (error: unknown) => {
      outcome = error
    },
  )
  await vi.advanceTimersByTimeAsync(0)
  return outcome
}

/** Whether the circuit lets a call pass. */
async function passes(circuit: PeerCircuit): Promise<boolean> {
  return (await outcomeOf(circuit.call(succeed))) === 'up'
}

/** The behaviours that the documentation compares, each as what is tried on a circuit. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    ...{ behaviour: 'opens after failures in a row, however many successes went before' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({ failures: 2 })
      for (let time = 0; time < 10; time++) await circuit?.call(succeed)
      if (circuit !== undefined) await failTimes(circuit, 2)
      return circuit?.status() === 'open'
    },
  },
  {
    ...{ behaviour: 'opens when half of the last calls failed, once there are enough of them' },
    ...{ ours: 'yes', opossum: 'yes', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({ failures: 4, byRate: true })
      if (circuit === undefined) return undefined
      await failTimes(circuit, 3)
      const early = circuit.status()
      await circuit.call(succeed)
      await vi.advanceTimersByTimeAsync(300)
      await failTimes(circuit, 3)
      return early === 'closed' && circuit.status() === 'open'
    },
  },
  {
    ...{ behaviour: 'lets one probe through after the recovery time and closes when it succeeds' },
    ...{ ours: 'yes', opossum: 'yes', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      await failTimes(circuit, 2)
      const rejected = await passes(circuit)
      await vi.advanceTimersByTimeAsync(RECOVERY_MS + 1)
      return !rejected && (await passes(circuit)) && circuit.status() === 'closed'
    },
  },
  {
    ...{ behaviour: 'rejects callers beside the probe at once, in place of parking them' },
    ...{ ours: 'yes', opossum: 'yes', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      await recover(circuit)
      void circuit.call(hang).catch(() => {})
      return (await outcomeOf(circuit.call(succeed))) instanceof Error
    },
  },
  {
    ...{ behaviour: 'lets several probes run at once' },
    ...{ ours: 'yes', opossum: '–', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({ probes: 2 })
      if (circuit === undefined) return undefined
      await recover(circuit)
      let begun = 0
      const count = (): Promise<never> => {
        begun++
        return hang()
      }
      for (let time = 0; time < 3; time++) void circuit.call(count).catch(() => {})
      await vi.advanceTimersByTimeAsync(0)
      return begun === 2
    },
  },
  {
    ...{ behaviour: 'is not closed by the success of a call from before it opened' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      const early = Promise.withResolvers<string>()
      void circuit.call(() => early.promise)
      await recover(circuit)
      void circuit.call(hang).catch(() => {})
      early.resolve('late')
      await vi.advanceTimersByTimeAsync(0)
      return circuit.status() === 'half-open'
    },
  },
  {
    ...{ behaviour: 'is not opened again by the failure of a call from before it opened' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      const early = Promise.withResolvers<string>()
      void circuit.call(() => early.promise).catch(() => {})
      await recover(circuit)
      void circuit.call(hang).catch(() => {})
      early.reject(down)
      await vi.advanceTimersByTimeAsync(0)
      return circuit.status() === 'half-open'
    },
  },
  {
    ...{ behaviour: 'gives up a probe that hangs, and recovers' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      await recover(circuit)
      void circuit.call(hang).catch(() => {})
      await vi.advanceTimersByTimeAsync(600_000)
      return await passes(circuit)
    },
  },
  {
    ...{ behaviour: 'forgets the failures of before when it closes' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      await recover(circuit)
      await circuit.call(succeed)
      await failTimes(circuit, 1)
      return circuit.status() === 'closed'
    },
  },
  {
    ...{ behaviour: 'takes a call that returns nothing, without a promise, as a success' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => (await outcomeOf(peer.open({})?.call(() => undefined) ?? hang())) === 'nothing',
  },
  {
    ...{ behaviour: 'is not disturbed by a listener that throws' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      circuit.onSuccess(() => {
        throw new Error('listener')
      })
      return (await passes(circuit)) && circuit.status() === 'closed'
    },
  },
  {
    ...{ behaviour: 'stays open beyond the recovery time when opened by hand' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      circuit.forceOpen()
      await vi.advanceTimersByTimeAsync(RECOVERY_MS * 10)
      return !(await passes(circuit))
    },
  },
  {
    ...{ behaviour: 'hands the caller’s abort signal to the call' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => {
      const caller = new AbortController()
      let seen: AbortSignal | undefined
      const work = (signal?: AbortSignal): Promise<never> => {
        seen = signal
        return hang()
      }
      void peer
        .open({})
        ?.call(work, caller.signal)
        .catch(() => {})
      await vi.advanceTimersByTimeAsync(0)
      caller.abort()
      return seen?.aborted === true
    },
  },
  {
    ...{ behaviour: 'does not count calls that their caller gave up' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      for (let time = 0; time < 3; time++) {
        const caller = new AbortController()
        const call = circuit.call(
          () => new Promise((_resolve, reject) => caller.signal.addEventListener('abort', reject)),
          caller.signal,
        )
        caller.abort()
        await call.catch(() => {})
      }
      return circuit.status() === 'closed'
    },
  },
  {
    ...{ behaviour: 'leaves out errors that a filter names' },
    ...{ ours: 'yes', opossum: 'yes', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({ ignores: ({ message }) => message === 'down' })
      if (circuit !== undefined) await failTimes(circuit, 5)
      return circuit?.status() === 'closed'
    },
  },
  {
    ...{
      behaviour: 'takes a filtered error as neither success nor failure, so that it does not close a circuit',
    },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({ ignores: ({ message }) => message === 'bad request' })
      if (circuit === undefined) return undefined
      await recover(circuit)
      await circuit.call(() => Promise.reject(new Error('bad request'))).catch(() => {})
      return circuit.status() === 'half-open'
    },
  },
  {
    ...{ behaviour: 'counts a stream that fails after the call answered' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      const stream = async function* (): AsyncGenerator<string> {
        yield 'first'
        throw down
      }
      for (let time = 0; time < 2; time++) {
        // Safe: every library passes the stream on.
        const chunks = (await circuit.call(async () => stream())) as AsyncIterable<string>
        try {
          for await (const _chunk of chunks);
        } catch {}
      }
      return circuit.status() === 'open'
    },
  },
  {
    ...{ behaviour: 'tells a rejected caller when to come back' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      await failTimes(circuit, 2)
      await vi.advanceTimersByTimeAsync(40)
      return circuit.retryAfterMs(await outcomeOf(circuit.call(succeed))) === RECOVERY_MS - 40
    },
  },
  {
    ...{ behaviour: 'keeps no timer while closed or open' },
    ...{ ours: 'yes', opossum: 'no', cockatiel: 'yes' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      const closed = vi.getTimerCount()
      await failTimes(circuit, 2)
      return closed === 0 && vi.getTimerCount() === 0
    },
  },
  {
    ...{ behaviour: 'waits out the recovery time when the wall clock jumps' },
    ...{ ours: 'yes', opossum: 'yes', cockatiel: 'no' },
    holds: async (peer) => {
      const circuit = peer.open({})
      if (circuit === undefined) return undefined
      await failTimes(circuit, 2)
      vi.setSystemTime(Date.now() + 3_600_000)
      return !(await passes(circuit))
    },
  },
]
