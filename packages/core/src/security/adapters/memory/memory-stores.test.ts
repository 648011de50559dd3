import { FakeClock } from '../../../time/testing/index.ts'
import type { KeyRingStore } from '../../key-ring/key-ring-store.ts'
import { describeKeyRingStoreContract } from '../../testing/key-ring-store.contract.ts'
import { describeRefreshTokenStoreContract } from '../../testing/refresh-token-store.contract.ts'
import { describeRevocationStoreContract } from '../../testing/revocation-store.contract.ts'
import { MemoryKeyRingStore } from './memory-key-ring-store.ts'
import { MemoryRefreshTokenStore } from './memory-refresh-token-store.ts'
import { MemoryRevocationStore } from './memory-revocation-store.ts'

let names = 0
const newName = (): string => `name-${names++}`
const close = async (): Promise<void> => {}

describeKeyRingStoreContract('in memory', async () => {
  const rings = new Map<string, KeyRingStore>()
  return {
    newRingName: newName,
    store: (name) => {
      const store = rings.get(name) ?? new MemoryKeyRingStore({ clock: new FakeClock() })
      rings.set(name, store)
      return store
    },
    close,
  }
})

describeRevocationStoreContract('in memory', async () => {
  const store = new MemoryRevocationStore()
  return { newName, store: () => store, close }
})

describeRefreshTokenStoreContract('memory', async () => {
  const clock = new FakeClock()
  const store = new MemoryRefreshTokenStore({ clock })
  // Older than it was: for all tenants alike, as one clock serves them all.
  return { newTenant: newName, store: () => store, age: (_tenantId, ms) => clock.advance(ms), close }
})
