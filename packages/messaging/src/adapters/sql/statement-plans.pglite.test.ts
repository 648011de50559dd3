import { openPglite } from '../../testing/messaging-databases.ts'
import { statementPlansContract } from './statement-plans.contract.ts'

statementPlansContract('PGlite', openPglite)
