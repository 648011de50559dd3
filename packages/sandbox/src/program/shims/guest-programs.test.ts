import { spawnSync } from 'node:child_process'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { PYTHON_RUNNER } from '../../adapters/pyodide/python-runner.ts'
import { NODE_RELAY } from '../../egress/relays/node-relay.ts'
import { PYTHON_RELAY } from '../../egress/relays/python-relay.ts'
import { NODE_SESSION } from '../sessions/node-session.ts'
import { PYTHON_SESSION } from '../sessions/python-session.ts'
import { SHELL_SESSION } from '../sessions/shell-session.ts'
import { NODE_SHIM } from './node-shim.ts'
import { PYTHON_SHIM } from './python-shim.ts'
import { SHELL_SHIM } from './shell-shim.ts'

/** What Node has and its types do not tell of. */
const UNTOLD = `declare namespace NodeJS { interface Process { reallyExit(code: number): void } }`

/** Names that a Python program reads and nothing in it, or in the interpreter, gives; names that it gives and nobody reads. */
const PYTHON_CHECK = `
import builtins, dis, sys
given, read = set(dir(builtins)) | {'__name__', '__builtins__', '__file__'}, set()
written = set()
def walk(code, is_module):
    for one in dis.get_instructions(code):
        if one.opname in ('STORE_GLOBAL', 'DELETE_GLOBAL') or is_module and one.opname == 'STORE_NAME':
            written.add(one.argval)
        elif one.opname in ('LOAD_GLOBAL', 'LOAD_NAME'):
            read.add(one.argval)
    for part in code.co_consts:
        if hasattr(part, 'co_code'):
            walk(part, False)
walk(compile(sys.stdin.read(), 'program', 'exec'), True)
print(*sorted('unknown ' + name for name in read - given - written), *sorted('unused ' + name for name in written - read if not name.startswith('_')), sep='\\n')
`

test.each([
  ['the shim of Node', NODE_SHIM],
  ['the session of Node', NODE_SESSION],
  ['the relay in Node', NODE_RELAY],
])('%s is a program that TypeScript finds no fault with', (_name, program) => {
  expect(faultsOf(program)).toEqual([])
})

test('a fault in a program of Node is found', () => {
  const broken = NODE_SHIM.replace('fs.mkdirSync(', 'fs.mkdirsync(').replace('let left =', 'let rest =')
  const faults = faultsOf(broken).join('\n')
  for (const fault of ['mkdirsync', "'left'", "'rest'"]) expect(faults).toContain(fault)
})

const python = test.skipIf(spawnSync('python3', ['--version']).status !== 0)

python.each([
  ['the shim of Python', PYTHON_SHIM],
  ['the session of Python', PYTHON_SESSION],
  ['the relay in Python', PYTHON_RELAY],
  ['the runner of Pyodide', PYTHON_RUNNER],
])('%s parses, and reads no name that nothing gives', (_name, program) => {
  expect(namesMissedBy(program)).toBe('')
})

python('a fault in a program of Python is found', () => {
  expect(namesMissedBy(PYTHON_SHIM.replace('nonce, blocks =', 'nounce, blocks ='))).toContain('nonce')
})

test.each([
  ['the shim of the shell', SHELL_SHIM],
  ['the session of the shell', SHELL_SESSION],
])('%s parses', (_name, program) => {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: program, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
})

/** What the type checker says of a CommonJS program, with what it never reads. */
function faultsOf(program: string): readonly string[] {
  const files = new Map([
    ['/guest/program.cjs', program],
    ['/guest/untold.d.ts', UNTOLD],
    // What a program imports that is an ES module.
    ['/tmp/work/main.mjs', 'export {}'],
  ])
  const options: ts.CompilerOptions = {
    ...{ allowJs: true, checkJs: true, noEmit: true, noUnusedLocals: true, noUnusedParameters: true },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, lib: ['lib.es2022.d.ts'] },
    ...{
      types: ['node'],
      typeRoots: [`${process.cwd()}/node_modules/@types`],
      strict: false,
      skipLibCheck: true,
    },
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, directoryExists } = host
  host.directoryExists = (name) => name === '/tmp/work' || directoryExists?.(name) === true
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.getSourceFile = (name, version, ...more) => {
    const text = files.get(name)
    return text === undefined
      ? getSourceFile(name, version, ...more)
      : ts.createSourceFile(name, text, version, true)
  }
  const checked = ts.createProgram(['/guest/program.cjs', '/guest/untold.d.ts'], options, host)
  return ts
    .getPreEmitDiagnostics(checked)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

function namesMissedBy(program: string): string {
  const { stdout, stderr } = spawnSync('python3', ['-c', PYTHON_CHECK], { input: program, encoding: 'utf8' })
  return `${stdout}${stderr}`.trim()
}
