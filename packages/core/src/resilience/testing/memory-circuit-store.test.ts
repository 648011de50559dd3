import { FakeClock } from '../../time/testing/index.ts'
import { describeCircuitStoreContract } from './circuit-store.contract.ts'
import { MemoryCircuitStore } from './memory-circuit-store.ts'

describeCircuitStoreContract('MemoryCircuitStore', async () => {
  const clock = new FakeClock()
  const store = new MemoryCircuitStore({ clock })
  return { stores: [store, store], pass: (ms) => clock.advance(ms), close: async () => {} }
})
