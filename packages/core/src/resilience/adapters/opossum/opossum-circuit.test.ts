import OpossumBreaker from 'opossum'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../time/index.ts'
import { resolveCircuitBreakerOptions } from '../../circuit-breaker-options.ts'
import { CircuitReporter } from '../../circuit-reporter.ts'
import { OpossumCircuit } from './opossum-circuit.ts'

const RECOVERY_MS = 100

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Work = () => Promise<unknown>

/** A breaker beside others, who let it probe; `told` is what they hear of it. */
async function openShared() {
  const opossum = new OpossumBreaker((work: Work) => work(), {
    ...{ name: 'openai', timeout: false, resetTimeout: RECOVERY_MS, errorThresholdPercentage: 1 },
    enableSnapshots: false,
  })
  await vi.advanceTimersByTimeAsync(5000)
  const circuit = new OpossumCircuit(opossum)
  const told: string[] = []
  const coordinator = {
    joined: () => {},
    left: () => {},
    transitioned: (_name: string, { cause }: { cause: string }) => void told.push(cause),
    mayProbe: () => true,
    probeEnded: (_name: string, generation: number) => void told.push(`probe ended ${generation}`),
  }
  const reporter = new CircuitReporter('openai', resolveCircuitBreakerOptions({}))
  circuit.connect({ clock: systemClock, coordinator, reporter })
  return { opossum, circuit, told }
}

const OPEN_ELSEWHERE = { epoch: 5, status: 'open', remainingMs: 40, reason: 'elsewhere' } as const

describe('an opossum breaker that others decide on', () => {
  it('opens for the time that remains there, without telling them of it', async () => {
    const { opossum, circuit, told } = await openShared()
    expect(circuit.applyRemote(OPEN_ELSEWHERE)).toBe(true)
    await vi.advanceTimersByTimeAsync(39)
    expect(opossum.opened).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(opossum.halfOpen).toBe(true)
    expect(told).toEqual([])
  })

  it('leaves out what is not newer than the last', async () => {
    const { opossum, circuit } = await openShared()
    circuit.applyRemote(OPEN_ELSEWHERE)
    for (const epoch of [4, 5]) {
      expect(circuit.applyRemote({ ...OPEN_ELSEWHERE, epoch, status: 'closed' })).toBe(false)
    }
    expect([opossum.opened, circuit.state.status]).toEqual([true, 'open'])
    expect(circuit.applyRemote({ ...OPEN_ELSEWHERE, epoch: 6, status: 'closed' })).toBe(true)
    expect([opossum.closed, circuit.state.status]).toEqual([true, 'closed'])
  })

  it('gives its lease back when it is reset while its probe runs, and once', async () => {
    const { opossum, circuit, told } = await openShared()
    circuit.applyRemote(OPEN_ELSEWHERE)
    await vi.advanceTimersByTimeAsync(40)
    let answer: () => void = () => {}
    const probe = opossum.fire(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve
        }),
    )
    circuit.reset()
    expect(told).toEqual(['recovery-over', 'reset', 'probe ended 2'])
    answer()
    await probe
    expect(told).toHaveLength(3)
  })
})
