import { fileURLToPath } from 'node:url'
import { describeWithService, rootFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestOutcome } from '../../execution-result.ts'
import { abuseWithinProcessBounds } from '../../testing/abuse-within-process-bounds.ts'
import { describeProgramAbuse } from '../../testing/program-abuse.contract.ts'
import { describeProgramBackend } from '../../testing/program-backend.contract.ts'
import { runProgram } from '../../testing/run-program.ts'
import { describeSessionBackend } from '../../testing/session-backend.contract.ts'
import { BubblewrapBackend } from './bubblewrap-backend.ts'
import type { BubblewrapBackendOptions } from './bubblewrap-backend-options.ts'
import { ownControlGroupParents } from './guest-means.ts'

const SET_UP_LIMIT_MS = 120_000
const PATIENT = { timeoutMs: 60_000 }

describeWithService('bubblewrap', 'the bubblewrap backend', (address) => {
  const bwrapPath = fileURLToPath(address)
  let python = ''
  let node = ''
  beforeAll(async () => {
    python = await rootFolder('python')
    node = await rootFolder('node')
  }, SET_UP_LIMIT_MS)
  const create = (
    languages: readonly string[],
    more: Partial<BubblewrapBackendOptions> = {},
  ): BubblewrapBackend => {
    const all = {
      python: { root: python, interpreter: '/usr/bin/python3.11' },
      shell: { root: python },
      javascript: { root: node },
    }
    const wanted = Object.entries(all).filter(([language]) => languages.includes(language))
    const options = {
      bwrapPath,
      environmentNames: ['NAME'],
      maxConcurrent: 2,
      startTimeoutMs: SET_UP_LIMIT_MS,
      ...more,
    }
    return new BubblewrapBackend({ ...options, languages: Object.fromEntries(wanted) })
  }

  for (const language of ['python', 'shell', 'javascript'] as const) {
    describeProgramBackend('bubblewrap', language, () => create([language]))
    describeSessionBackend('bubblewrap', language, () => create([language]))
  }
  const adapt = ownControlGroupParents() === undefined ? abuseWithinProcessBounds : undefined
  describeProgramAbuse('bubblewrap', () => create(['python', 'shell']), adapt)
  for (const language of ['python', 'javascript'] as const) {
    describeProgramBackend('bubblewrap without control groups', language, () =>
      create([language], { controlGroups: 'none' }),
    )
  }

  describe('its sandbox', () => {
    let backend: BubblewrapBackend
    beforeAll(async () => {
      backend = create(['python', 'shell'])
      await backend.prepare()
    })
    afterAll(() => backend.close())
    const run = (
      code: string,
      limits: Parameters<typeof runProgram>[2] = PATIENT,
      language: 'python' | 'shell' = 'python',
    ): Promise<GuestOutcome> => runProgram(backend, code, limits, undefined, { language })

    it('has no open files but its own three', async () => {
      const code = [
        'import os',
        'for fd in os.listdir("/proc/self/fd"):',
        '    try: target = os.readlink("/proc/self/fd/" + fd)',
        '    except OSError: continue',
        '    if int(fd) > 2 and target != "/dev/null" and not target.startswith("/proc/"): print(fd, target)',
      ].join('\n')
      expect(await run(code)).toMatchObject({ status: 'completed', stdout: '' })
    })

    it('sees nothing of the host but programs and libraries', async () => {
      const code =
        'import os\nprint(sorted(os.listdir("/")))\nprint([p for p in ("/home", "/root", "/run", "/var", "/srv", "/sys") if os.path.exists(p)])'
      const { stdout } = await run(code)
      expect(stdout).toBe("['bin', 'dev', 'lib', 'lib64', 'proc', 'tmp', 'usr']\n[]\n")
    })

    it('has a kernel that filters its calls, and a user without privileges', async () => {
      const { stdout } = await run(
        'grep -E "^(Uid|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status',
        PATIENT,
        'shell',
      )
      expect(stdout).toBe(
        'Uid:\t65534\t65534\t65534\t65534\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n',
      )
    })

    it('cannot untie itself from the process that it dies with', async () => {
      const code =
        'import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.prctl(1, 0, 0, 0, 0), ctypes.get_errno())'
      expect(await run(code)).toMatchObject({ status: 'completed', stdout: '-1 1\n' })
    })

    it('takes another memory limit than the one that waits', async () => {
      const code = 'kept = bytearray(300 << 20)\nprint(len(kept))'
      expect((await run(code)).status).toMatch(/^(out-of-memory|failed)$/)
      const roomy = await run(code, { ...PATIENT, memoryLimitBytes: 512 << 20 })
      expect(roomy).toMatchObject({ status: 'completed', place: { isWarmStart: false } })
    })

    it('is stopped at its processor time', async () => {
      const outcome = await run('while True: pass', { ...PATIENT, cpuTimeMs: 300 })
      expect(outcome).toMatchObject({ status: 'timed-out' })
    })

    it('is stopped at its processor time without control groups, too', async () => {
      const plain = create(['shell'], { controlGroups: 'none' })
      const outcome = await runProgram(
        plain,
        '(while :; do :; done) & while :; do :; done',
        { ...PATIENT, cpuTimeMs: 300 },
        undefined,
        { language: 'shell' },
      )
      expect(outcome).toMatchObject({
        status: 'timed-out',
        place: { rules: { memoryBound: 'each process' } },
      })
      expect(outcome.place?.rules).not.toHaveProperty('cpus')
      await plain.close()
    })
  })

  it("runs with the host's own programs, of which none gives privileges", async () => {
    const backend = new BubblewrapBackend({
      bwrapPath,
      languages: { shell: {} },
      startTimeoutMs: SET_UP_LIMIT_MS,
    })
    const code = 'id -u; cut -d " " -f 2,4 /proc/mounts | grep -c "^/usr .*nosuid"; ls /home /root'
    const outcome = await runProgram(backend, code, PATIENT, undefined, { language: 'shell' })
    expect(outcome.stdout).toBe('65534\n1\n')
    expect(outcome.status).toBe('failed')
    await backend.close()
  })

  it('refuses what it cannot be had with', async () => {
    const refused = async (more: Partial<BubblewrapBackendOptions>, words: RegExp): Promise<void> => {
      const backend = create(['shell'], more)
      await expect(backend.prepare()).rejects.toMatchObject({
        code: 'SANDBOX_INFRA',
        message: expect.stringMatching(words),
      })
      await backend.close()
    }
    await refused({ bwrapPath: '/nowhere/bwrap' }, /no bubblewrap that runs at \/nowhere/)
    await refused({ bwrapPath: '/bin/echo' }, /or later is needed/)
  })

  it('says in which language a probe did not run', async () => {
    const options = { languages: { shell: { root: python, interpreter: '/usr/bin/nothing' } }, bwrapPath }
    const backend = new BubblewrapBackend(options)
    await expect(backend.prepare()).rejects.toMatchObject({
      code: 'SANDBOX_INFRA',
      message: expect.stringMatching(/nothing/),
    })
    await backend.close()
    const unseen = { root: python, readOnlyPaths: ['/usr', '/opt/none'] }
    const missing = new BubblewrapBackend({ languages: { shell: unseen }, bwrapPath })
    await expect(missing.prepare()).rejects.toMatchObject({ message: expect.stringMatching(/opt\/none/) })
    await missing.close()
  })
})
