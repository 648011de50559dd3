import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describeWithService, rootFolder } from '@golden-arch/testkit'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { BubblewrapBackend } from './bubblewrap-backend.ts'
import { ownerOfThisProcess } from './control-group-owner.ts'
import { findGuestMeans } from './guest-means.ts'

const TEST_LIMIT_MS = 240_000
const SET_UP_LIMIT_MS = 120_000
/** A sleep of this many seconds is the program by which the test finds what is left of it, and of no other. */
const MARK = String(1_000_000 + process.pid)

/** The program's last line before it sleeps: what it says arrives in pieces, and a piece may end within a line. */
const ALL_FILES_TOLD = 'all files told'
/** Node closes what it is started with up to descriptor 15 and no further: this one would reach what it starts. */
const LEAKED_FD = 40

/** A process that starts a program which never ends, and says when it runs and which files it could have got at. */
const OWNER = `
  import { BubblewrapBackend } from '${new URL('./bubblewrap-backend.ts', import.meta.url).href}'
  const [bwrapPath, root] = process.argv.slice(1)
  const backend = new BubblewrapBackend({ bwrapPath, languages: { shell: { root } }, startTimeoutMs: 120000 })
  const code = 'ls -l /proc/self/fd; echo ${ALL_FILES_TOLD}; sleep ${MARK} & sleep ${MARK}'
  const program = { language: 'shell', code, limits: backend.resolveLimits({ timeoutMs: 600000 }) }
  const lease = await backend.acquire(program)
  lease.run(program, new AbortController().signal, (_, text) => void process.stdout.write(text))
`

/** Processes of this machine that run the program of the test. */
function leftOver(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`sleep\0${MARK}`)
    } catch {
      return false
    }
  })
}

describeWithService('bubblewrap', 'sandboxes of a process that was killed', (address) => {
  const bwrapPath = fileURLToPath(address)
  let root = ''
  beforeAll(async () => {
    root = await rootFolder('python')
  }, SET_UP_LIMIT_MS)

  it(
    'end with it, had none of its files, and leave no control group to the next one',
    async () => {
      const { parents } = await findGuestMeans({ bwrapPath, controlGroups: 'prefer', startTimeoutMs: 30_000 })
      const groupsOf = (pid: number | undefined): readonly string[] => {
        const start = `golden-arch-sandbox.${ownerOfThisProcess().namespace}.${pid}.`
        const names = Object.values(parents?.folders ?? {}).flatMap((folder) => readdirSync(folder))
        return names.filter((name) => name.startsWith(start))
      }
      const flags = ['--conditions=golden-arch-source', '--input-type=module', '--eval', OWNER]
      const secret = openSync(fileURLToPath(import.meta.url), 'r')
      const stdio: (number | 'ignore' | 'pipe' | 'inherit')[] = new Array(LEAKED_FD + 1).fill('ignore')
      stdio.splice(1, 2, 'pipe', 'inherit')
      stdio[LEAKED_FD] = secret
      const owner = spawn(process.execPath, [...flags, bwrapPath, root], { stdio, cwd: import.meta.dirname })
      onTestFinished(() => void owner.kill('SIGKILL'))
      let told = ''
      while (!told.includes(ALL_FILES_TOLD)) {
        const [data] = owner.stdout === null ? [] : await once(owner.stdout, 'data')
        told += String(data)
      }
      expect(told).toContain(`${LEAKED_FD} -> /dev/null`)
      expect(told).not.toContain(fileURLToPath(import.meta.url))
      while (leftOver().length < 2) await pause(20)
      if (parents !== undefined) expect(groupsOf(owner.pid).length).toBeGreaterThan(0)
      owner.kill('SIGKILL')
      await once(owner, 'exit')
      while (leftOver().length > 0) await pause(20)

      const languages = { shell: { root } }
      const next = new BubblewrapBackend({ bwrapPath, languages, startTimeoutMs: SET_UP_LIMIT_MS })
      await next.prepare()
      expect(groupsOf(owner.pid)).toEqual([])
      await next.close()
      expect(next.stats.sandboxes).toBe(0)
      expect(groupsOf(process.pid)).toEqual([])
    },
    TEST_LIMIT_MS,
  )
})
