import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../../execution-limits.ts'
import { EndFrame } from '../end-frame.ts'
import { inputFrame } from '../input-frame.ts'
import { MarkedOutput } from '../marked-output.ts'
import { PROGRAM_LIMITS } from '../program-limits.ts'
import { NODE_SHIM } from './node-shim.ts'

const MARK = `end-${'0'.repeat(32)}`

/** What a program says and leaves, run by the shim in a process of this machine. */
function run(code: string) {
  const folder = mkdtempSync(join(tmpdir(), 'shim-'))
  try {
    const program = { language: 'javascript', code, limits: defaultLimits(PROGRAM_LIMITS) } as const
    const shim = NODE_SHIM.replaceAll('/tmp/work', join(folder, 'work'))
    const input = inputFrame(program, MARK)
    const said = spawnSync(process.execPath, ['-e', shim], { input, env: {}, timeout: 60_000 })
    const frame = new EndFrame({ filesLimitBytes: 1000, maxFiles: 10 })
    const limitBytes = 100_000
    const stdout = new MarkedOutput({ mark: MARK, limitBytes, onAfterMark: (data) => frame.push(data) })
    const stderr = new MarkedOutput({ mark: MARK, limitBytes })
    stdout.push(said.stdout)
    stderr.push(said.stderr)
    const { status, refusal, files } = frame
    const texts = files.map(({ path, content }) => `${path}: ${Buffer.from(content)}`)
    return { exitCode: said.status, status, refusal, stdout: stdout.finish(), stderr: stderr.finish(), texts }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the shim of Node', () => {
  it('tells what a program writes, leaves and decides as it exits', () => {
    const told = run(`process.on('exit', (code) => {
  console.log('2 tests failed, ' + code)
  require('node:fs').writeFileSync('out/report', 'late')
  process.exitCode = 1
})`)
    expect(told).toMatchObject({
      exitCode: 1,
      status: 1,
      stdout: 'R2 tests failed, 0\n',
      texts: ['report: late'],
    })
  })

  it('tells the code of a program that exits once more as it exits', () => {
    const told = run(`process.on('exit', () => { console.log('again'); process.exit(3) })`)
    expect(told).toMatchObject({ exitCode: 3, status: 3, stdout: 'Ragain\n' })
  })

  it('tells an error that a program meets as it exits', () => {
    const told = run(`process.on('exit', () => { throw new Error('went wrong') })`)
    expect(told).toMatchObject({ exitCode: 1, status: 1 })
    expect(told.stderr.match(/Error: went wrong\n/g)).toHaveLength(1)
    expect(told.stderr).not.toContain('[eval]')
  })

  it.each([
    ['process.exit(-1)', 255],
    ['process.exit(256)', 0],
    ['process.exit(1000)', 232],
    ['process.exitCode = -9', 247],
    ['process.exit("3")', 3],
    ['throw new Error("x")', 1],
    ['process.on("uncaughtException", () => { process.exitCode = 4 }); throw new Error("x")', 4],
    ['', 0],
  ])('tells of %s the code that the system has of it', (code, status) => {
    expect(run(code)).toMatchObject({ exitCode: status, status, refusal: undefined })
  })

  it('keeps its own names out of reach of the program', () => {
    const names = ['nonce', 'put', 'send', 'fs', 'code', 'compileFunction', 'before', 'left', 'tell', 'main']
    expect(run(`console.log(${names.map((name) => `typeof ${name}`).join(', ')})`).stdout).not.toContain(
      'function',
    )
    const { stdout, status } = run(`const { runInThisContext } = require('node:vm')
runInThisContext('${names.map((name) => `let ${name} = 1`).join(';')}')
console.log('free')`)
    expect([stdout, status]).toEqual(['Rfree\n', 0])
  })
})
