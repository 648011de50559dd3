export { MemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts'
