export {
  type CircuitPersistenceUnderTest,
  describeCircuitPersistenceContract,
} from './circuit-persistence.contract.ts'
export { type CircuitStoreUnderTest, describeCircuitStoreContract } from './circuit-store.contract.ts'
export { MemoryCircuitPersistence } from './memory-circuit-persistence.ts'
export { MemoryCircuitStore, type MemoryCircuitStoreOptions } from './memory-circuit-store.ts'
