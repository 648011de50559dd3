import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkInputs } from './check-inputs.ts'
import type { ExecutionRequest } from './execution-request.ts'
import type { AcceptedInputs } from './ports/sandbox-backend.ts'

const ALL: AcceptedInputs = { files: true, stdin: true, argv: true, environmentNames: ['NAME', 'OTHER'] }
const NOTHING = new Uint8Array()
const check = (inputs: Partial<ExecutionRequest>, accepted?: AcceptedInputs): void =>
  checkInputs(
    { executionId: 'a', tenantId: 't', language: 'python', code: '1', ...inputs },
    ...(accepted === undefined ? [] : [accepted]),
  )
const refused = (field: string): unknown =>
  expect.objectContaining({ code: 'SANDBOX_REQUEST_INVALID', details: expect.objectContaining({ field }) })
const paths = (...all: readonly string[]): Partial<ExecutionRequest> => ({
  files: all.map((path) => ({ path, content: NOTHING })),
})

describe('the inputs of an execution', () => {
  it('are taken within their bounds', () => {
    check({}, ALL)
    check(
      {
        files: [
          { path: 'in/données.csv', content: new Uint8Array(10 * 1_048_576) },
          { path: 'in/b', content: NOTHING },
          { path: 'in/c', content: '' },
        ],
        stdin: 'é'.repeat(5 * 1_048_576),
        argv: Array.from({ length: 64 }, () => 'x'.repeat(4096)),
        env: { NAME: '', OTHER: 'x' },
      },
      ALL,
    )
    check({ stdin: new Uint8Array(10 * 1_048_576) }, ALL)
  })

  it.each<[string, Partial<ExecutionRequest>]>([
    ['files', paths('a')],
    ['stdin', { stdin: '' }],
    ['argv', { argv: [] }],
    ['env', { env: { NAME: 'x' } }],
  ])('are refused where the backend takes no %s', (field, inputs) => {
    expect(() => check(inputs)).toThrowError(refused(field))
  })

  it.each([
    ['/etc/passwd'],
    ['../a'],
    ['a/../../b'],
    ['a/..'],
    ['./a'],
    ['a//b'],
    ['a/'],
    [''],
    ['a\\..\\b'],
    ['C:a'],
    ['~/a'],
    ['-rf'],
    ['a\0b'],
    ['a\nb'],
    ['\u202etxt.exe'],
    ['e\u0301'],
    ['a\uD800'],
    ['a '],
    ['x'.repeat(97)],
    ['1/2/3/4/5/6/7/8/9'],
  ])('have no file at %j', (path) => {
    expect(() => check(paths('fine', path), ALL)).toThrowError(refused('files[1].path'))
  })

  it('have no two files at one place, and no file in place of a folder', () => {
    expect(() => check(paths('in/a', 'IN/A'), ALL)).toThrowError(refused('files[1].path'))
    expect(() => check(paths('in/a/b', 'in/a'), ALL)).toThrowError(refused('files'))
    check(paths('in/a', 'in/ab', 'in/a.b'), ALL)
  })

  it.each<[string, Partial<ExecutionRequest>]>([
    ['files', paths(...Array.from({ length: 257 }, (_, index) => `f${index}`))],
    ['files', { files: [{ path: 'a', content: new Uint8Array(10 * 1_048_576 + 1) }] }],
    ['stdin', { stdin: new Uint8Array(10 * 1_048_576 + 1) }],
    ['stdin', { stdin: '\uD800' }],
    ['argv', { argv: Array.from({ length: 65 }, () => '') }],
    ['argv', { argv: ['x'.repeat(4097)] }],
    ['argv', { argv: ['a\0b'] }],
    ['env', { env: { PATH: '/' } }],
    ['env', { env: { name: 'x' } }],
    ['env.NAME', { env: { NAME: 'a\0b' } }],
    ['env.OTHER', { env: { OTHER: 'x'.repeat(4097) } }],
  ])('are refused beyond the bounds of %s', (field, inputs) => {
    expect(() => check(inputs, ALL)).toThrowError(refused(field))
  })

  it('never hold a path that leads out of a folder, whatever is asked for', () => {
    const name = fc.constantFrom('..', '.', '', 'a', 'b', '...', '/', '\\', ' ', '\u2024\u2024')
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), (names) => {
        const path = names.join('/')
        try {
          check(paths(path), ALL)
        } catch {
          return
        }
        expect(path.startsWith('/')).toBe(false)
        expect(path.split('/').every((each) => !['', '.', '..'].includes(each))).toBe(true)
      }),
    )
  })
})
