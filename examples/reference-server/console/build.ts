/** Builds the console where its sources have changed. Usage: node console/build.ts */
import { buildConsole } from './build-console.ts'

const isBuilt = await buildConsole()
console.error(isBuilt ? 'console: built' : 'console: as it was built before')
