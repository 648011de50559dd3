import { governanceTablesContract } from './governance-tables.contract.ts'
import { openOnPglite } from './opened-governance.ts'

governanceTablesContract('PGlite', openOnPglite)
