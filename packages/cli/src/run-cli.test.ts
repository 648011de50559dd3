import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownVersion } from './own-manifest.ts'
import { callCli } from './testing/called-cli.ts'

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await temporaryFolder('cli-run')
})
afterAll(() => folder.remove())

const COMMANDS = ['init', 'migrate', 'doctor', 'audit', 'dlq', 'budget', 'tenant', 'demo']

test('the version and the help are what was asked for, and a good end', async () => {
  const version = await ownVersion()
  expect(await callCli(['--version'])).toMatchObject({ exitCode: 0, said: [version] })
  expect((await callCli(['-v', '--json'])).document).toEqual({
    command: null,
    ok: true,
    exitCode: 0,
    result: { version },
  })
  const help = await callCli(['--help'])
  expect(help.exitCode).toBe(0)
  for (const command of COMMANDS) expect(help.said.join('\n')).toMatch(new RegExp(`^  ${command} `, 'm'))
})

test.each(['migrate', 'audit', 'dlq', 'budget', 'tenant'])(
  'the help of %s says whose a folder of PGlite is',
  async (command) => {
    const { said } = await callCli([command, '--help'])
    expect(said).toContain(
      'It speaks with a PostgreSQL server. A folder of PGlite it cannot open: the process that has it open does this itself.',
    )
  },
)

test.each(COMMANDS)('%s has a help of its own, which tells its exit codes', async (command) => {
  const { exitCode, said } = await callCli([command, '--help'])
  expect(exitCode).toBe(0)
  expect(said[0]).toMatch(new RegExp(`^usage: golden-arch ${command}\\b`))
  expect(said.join('\n')).toContain('Exit code: 0')
  expect(Math.max(...said.map((line) => line.length))).toBeLessThanOrEqual(130)
})

test.each([
  [[], 'give a command'],
  [['fly'], 'no such command: fly'],
  [['--loud'], 'no such command: --loud'],
  [['--toString'], 'no such command: --toString'],
  [['migrate', 'status', '--config'], '--config needs a file'],
  [['doctor', '--env-file'], '--env-file needs a file'],
])('%j is not understood: %s', async (argv, message) => {
  const { exitCode, complaints, said } = await callCli(argv)
  expect(exitCode).toBe(2)
  expect(complaints).toContain(`USAGE: ${message}`)
  expect(said).toEqual([])
  const { document } = await callCli(['--json', ...argv])
  expect(document).toEqual({
    command: null,
    ok: false,
    exitCode: 2,
    error: { code: 'USAGE', message, retryable: false, details: {} },
  })
})

test('an option that a command does not know is named, and no more', async () => {
  const { exitCode, complaints } = await callCli(['doctor', '--strictly'])
  expect(exitCode).toBe(2)
  expect(complaints).toContain("USAGE: Unknown option '--strictly'")
})

test.each([
  'doctor',
  'demo',
  'dlq list --tenant t',
  'dlq groups --tenant t',
  'budget state --tenant t',
  'budget limits --tenant t',
  'budget set --tenant t',
  'budget verify --tenant t',
  'tenant list',
  'tenant quota --tenant t',
])('%s refuses a word that it has no use for, and asks no server', async (command) => {
  const { exitCode, complaints, said } = await callCli([...command.split(' '), 'acme'])
  expect([exitCode, said]).toEqual([2, []])
  expect(complaints).toMatch(/^USAGE: (unexpected word: acme|Unexpected argument 'acme')/m)
})

test('addresses come from the environment, then from a file of variables, then from the configuration', async () => {
  const write = (name: string, text: string) => writeFile(join(folder.path, name), text)
  await write('golden-arch.config.json', '{ "databaseUrl": "postgres://u:hunter2@127.0.0.1:1/x" }')
  await write('variables', 'DATABASE_URL=postgres://u:hunter2@127.0.0.1:2/x\n')
  await write('address', 'postgres://u:hunter2@127.0.0.1:3/x\n')
  const placeOf = async (words: readonly string[], environment: Record<string, string> = {}) => {
    const call = { folder: folder.path, environment }
    const { document } = await callCli(['audit', 'verify', '--json', ...words], call)
    expect(JSON.stringify(document)).not.toContain('hunter2')
    return document.error.details.place
  }
  expect(await placeOf([])).toBe('127.0.0.1:1')
  expect(await placeOf(['--env-file', 'variables'])).toBe('127.0.0.1:2')
  const file = join(folder.path, 'address')
  expect(await placeOf([], { DATABASE_URL_FILE: file })).toBe('127.0.0.1:3')
  const url = 'postgres://u:hunter2@127.0.0.1:4/x'
  expect(await placeOf(['--env-file=variables'], { DATABASE_URL: url })).toBe('127.0.0.1:4')
})

test.each([
  ['[]', 'the configuration must be an object'],
  ['null', 'the configuration must be an object'],
  ['"x"', 'the configuration must be an object'],
  ['{ "database": "x" }', 'the configuration has no member database'],
  ['{ "databaseUrl": 5 }', 'databaseUrl must be text'],
  ['{ "migrations": { "modules": [] } }', 'migrations.modules must be a list of at least one text'],
  ['{ "migrations": { "module": "a" } }', 'migrations has no member module; it may have modules, folders'],
  ['{ "sandboxBackend": "vm" }', 'the sandbox backend must be one of'],
  ['{', 'cannot be read'],
])('a configuration that holds %s is refused', async (text, message) => {
  await writeFile(join(folder.path, 'bad.json'), text)
  const call = { folder: folder.path }
  const { exitCode, document } = await callCli(['doctor', '--config', 'bad.json', '--json'], call)
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) })
})

test('a file that a variable names and that is not there', async () => {
  const environment = { DATABASE_URL_FILE: join(folder.path, 'nothing') }
  const { exitCode, complaints } = await callCli(['audit', 'verify'], { environment })
  expect(exitCode).toBe(1)
  expect(complaints).toMatch(/^FILE_UNREADABLE: DATABASE_URL_FILE: /)
})

test('a file of variables that is not there', async () => {
  const { exitCode, document } = await callCli(['doctor', '--env-file', 'nothing', '--json'], {
    folder: folder.path,
  })
  expect(exitCode).toBe(1)
  expect(document).toMatchObject({
    ...{ command: 'doctor', ok: false, exitCode: 1 },
    error: {
      ...{ code: 'FILE_UNREADABLE', message: '--env-file: nothing cannot be read' },
      ...{ retryable: false, details: { file: 'nothing' } },
    },
  })
  expect(document.error).not.toHaveProperty('cause')
})

test('without a command it is said how it is used', async () => {
  const { complaints } = await callCli([])
  expect(complaints).toMatch(/^usage: golden-arch <command> /)
  expect(complaints.split('\n').slice(-3)).toEqual(['USAGE: give a command', 'see golden-arch --help', ''])
  expect((await callCli(['doctor', 'now'])).complaints).toBe(
    'USAGE: unexpected word: now\nsee golden-arch doctor --help\n',
  )
  const { document } = await callCli(['doctor', '-h', '--json'])
  expect(document).toEqual({
    ...{ command: 'doctor', ok: true, exitCode: 0 },
    result: { usage: expect.stringMatching(/^usage: golden-arch doctor /) },
  })
})

test.each([
  [true, {}, true],
  [true, { TERM: 'xterm' }, true],
  [true, { NO_COLOR: '' }, true],
  [true, { NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
  [false, {}, false],
])('on a terminal: %s, with %j, lines have colours: %s', async (isTty, variables, hasColours) => {
  const environment = { DOCKER_HOST: 'unix:///nowhere.sock', ...variables }
  const { said } = await callCli(['doctor'], { environment, isTty })
  expect(said.join('').includes('\u001b[')).toBe(hasColours)
})
