/** Run as a process of its own: tries to lock the folder in its argument, tells how that went, and waits to be ended. */
import { isGoldenError } from '../../../../errors/index.ts'
import { lockFolder } from '../folder-lock.ts'

const folder = process.argv[2] ?? ''
const outcome = await lockFolder(folder).then(
  () => ({ pid: process.pid, code: 'LOCKED' }),
  (error: unknown) => ({
    pid: process.pid,
    code: isGoldenError(error) ? error.code : String(error),
    holderPid: isGoldenError(error) ? error.details.holderPid : undefined,
  }),
)
process.stdout.write(`${JSON.stringify(outcome)}\n`)
process.stdin.resume()
process.stdin.on('end', () => process.exit())
