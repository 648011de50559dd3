import { enableCompileCache } from 'node:module'
import { hearStopSignals } from './stop-signals.ts'

hearStopSignals()
// Half of a start is the reading of sources: what was compiled once is kept in the system's folder for what is temporary.
enableCompileCache()
await import('./start.ts')
