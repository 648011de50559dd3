import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestOutcome } from '../execution-result.ts'
import type { SandboxBackend } from '../ports/sandbox-backend.ts'
import { runProgram } from './run-program.ts'

const PATIENT = { timeoutMs: 60_000 }

/** What a backend that takes TypeScript owes the executor. */
export function describeTypeScriptBackend(title: string, create: () => SandboxBackend): void {
  describe(`${title} with TypeScript`, () => {
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())
    const run = (code: string, limits: Parameters<typeof runProgram>[2] = PATIENT): Promise<GuestOutcome> =>
      runProgram(backend, code, limits, undefined, { language: 'typescript' })

    it('takes the types away and runs the rest', async () => {
      const outcome = await run(
        `interface Point { readonly x: number; y?: string }
         type Pair<T> = [T, T]
         const twice = <T,>(value: T): Pair<T> => [value, value]
         class Box<T> { of!: T }
         const point = { x: 1 } satisfies Point as Point
         await null
         ;[twice<number>(point.x!), typeof Box]`,
      )
      expect(outcome).toMatchObject({ status: 'completed', value: [[1, 1], 'function'] })
    })

    it('does not check them', async () => {
      expect((await run('const x: number = "text"; x')).value).toBe('text')
    })

    it('leaves every line where it was', async () => {
      const { error } = await run(
        'interface A {\n  a: string\n}\nconst f = (a: A): never => { throw new Error(a.a) }\nf({ a: "no" })',
      )
      expect(error).toMatchObject({ message: 'no' })
      expect(error?.stack).toContain('guest.js:4')
    })

    it.each([
      ['what does not parse', 'let = = 1'],
      ['what has no type and is no JavaScript', 'enum A { B }'],
      ['a namespace with values', 'namespace A { export const b = 1 }'],
    ])('reports %s as a program that does not parse', async (_, code) => {
      expect(await run(code)).toMatchObject({ status: 'failed', error: { name: 'SyntaxError' } })
    })

    it.each([
      ['brackets', '('.repeat(100_000)],
      ['types', `type A = ${'('.repeat(50_000)}`],
      ['templates', '`$'.concat('{').repeat(100_000)],
      ['arrows', `${'a=>'.repeat(300_000)}1`],
    ])('bears a source that nests too deep in %s', async (_, code) => {
      expect(await run(code)).toMatchObject({ status: 'failed', error: { name: 'SyntaxError' } })
      expect((await run('const next: string = "next"; next')).value).toBe('next')
    })

    it('ends a parser that takes exponential time at the wall time', async () => {
      expect((await run('f(<T>('.repeat(60), { timeoutMs: 300 })).status).toBe('timed-out')
      expect((await run('const next: string = "next"; next')).value).toBe('next')
    })

    it('takes a large source', async () => {
      const outcome = await run(`let a: number = 1;\n${'a = (a as number) + 1;\n'.repeat(30_000)}a`)
      expect(outcome).toMatchObject({ status: 'completed', value: 30_001 })
    })

    it('writes no warning of its own to the streams', async () => {
      expect(await run('console.log("x" as string)')).toMatchObject({ stdout: 'x\n', stderr: '' })
    })
  })
}
