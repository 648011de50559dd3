import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'
import { temporaryFolder } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { emptyPglite } from '@golden-arch/testkit/pglite'
import fc from 'fast-check'
import sanitizeHtml from 'sanitize-html'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeCsvCell, encodeCsvRow } from './encode-csv.ts'
import { encodeHtmlAttribute, encodeHtmlText } from './encode-html.ts'
import { encodeLogLine } from './encode-log-line.ts'
import { encodeUrlComponent, encodeUrlPathSegment } from './encode-url.ts'
import { quotePosixForDisplay, shellArguments } from './shell-arguments.ts'

const run = promisify(execFile)

const HOSTILE = [
  `<script>alert(1)</script>`,
  `" onmouseover="alert(1)`,
  `' onfocus=alert(1) autofocus '`,
  `</p><img src=x onerror=alert(1)>`,
  `&lt;b&gt; &amp;#60;`,
  `$(touch canary)`,
  '`touch canary`',
  `'; touch canary; '`,
  `\\'; touch canary #`,
  `a\nb\r\nc\td`,
  `=HYPERLINK("https://example.org","click")`,
  `Robert'); DROP TABLE students;--`,
  `O'Brien & Söhne <info>`,
  `\u001b[2J\u001b]0;title\u0007`,
  `\u202eevil`,
  `..`,
  `-rf`,
  ``,
]
/** Any text that UTF-8 can hold, and each of the hostile ones. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...HOSTILE))
const textWithoutNul = text.filter((value) => !value.includes('\0'))

const notEncodable = (sink: string) =>
  expect.objectContaining({
    code: 'TEXT_NOT_ENCODABLE',
    message: expect.stringMatching(`^${sink} must be text`),
  })

describe('HTML', () => {
  it('encodeHtmlText is shown letter for letter by an HTML parser, and opens no element', () => {
    fc.assert(
      fc.property(text, (value) => {
        const seen: string[] = []
        let shown = ''
        sanitizeHtml(`<p>${encodeHtmlText(value)}</p>`, {
          allowedTags: false,
          allowedAttributes: false,
          allowVulnerableTags: true,
          onOpenTag: (name) => void seen.push(name),
          exclusiveFilter: (frame) => {
            shown = frame.text
            return false
          },
        })
        expect(seen).toEqual(['p'])
        expect(shown).toBe(value.replaceAll('\0', '\u{fffd}'))
      }),
    )
  })

  it.each([
    ['double quotes', (value: string) => `<i title="${value}">`],
    ['single quotes', (value: string) => `<i title='${value}'>`],
    ['no quotes', (value: string) => `<i title=${value === '' ? '""' : value}>`],
  ])('encodeHtmlAttribute keeps the value, and adds no attribute, between %s', (_name, open) => {
    fc.assert(
      fc.property(text, (value) => {
        const seen: unknown[] = []
        sanitizeHtml(open(encodeHtmlAttribute(value)), {
          allowedTags: false,
          allowVulnerableTags: true,
          onOpenTag: (name, attributes) => void seen.push([name, { ...attributes }]),
        })
        expect(seen).toEqual([['i', { title: value.replaceAll('\0', '\u{fffd}') }]])
      }),
    )
  })
})

describe('URL', () => {
  it('a component is one part of the URL, and gives the text back', () => {
    fc.assert(
      fc.property(text, text, (key, value) => {
        const part = encodeUrlComponent(value)
        const url = new URL(`https://host.example/path?k${encodeUrlComponent(key)}=${part}&last=1#${part}`)
        expect(url.host).toBe('host.example')
        expect(url.pathname).toBe('/path')
        expect([...url.searchParams]).toEqual([
          [`k${key}`, value],
          ['last', '1'],
        ])
        expect(decodeURIComponent(url.hash.slice(1))).toBe(value)
        expect(part).toMatch(/^[A-Za-z0-9\-_.~%]*$/)
      }),
    )
  })

  it('a segment stays one segment below the one before it', () => {
    fc.assert(
      fc.property(
        text.filter((value) => !['', '.', '..'].includes(value)),
        (value) => {
          const url = new URL(`https://host.example/users/${encodeUrlPathSegment(value)}/keys`)
          const [, first, second, third, ...rest] = url.pathname.split('/')
          expect([first, decodeURIComponent(second ?? ''), third, rest]).toEqual(['users', value, 'keys', []])
        },
      ),
    )
  })

  it.each(['', '.', '..', '\ud800'])('refuses %j as a segment', (value) => {
    expect(() => encodeUrlPathSegment(value)).toThrow(
      notEncodable(value === '\ud800' ? 'a URL component' : 'a segment of a URL path'),
    )
  })
})

describe('shell', () => {
  it('sh reads a quoted line back as the very arguments, and runs nothing', async () => {
    const folder = await temporaryFolder('shell')
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(textWithoutNul, { minLength: 1, maxLength: 60 }), async (args) => {
          const script = `printf '%s\\0' ${quotePosixForDisplay(args)}`
          const { stdout } = await run('sh', ['-c', script], { cwd: folder.path, maxBuffer: 1e7 })
          expect(stdout.split('\0').slice(0, -1)).toEqual(args)
        }),
        { numRuns: 12, examples: [[HOSTILE]] },
      )
      expect(await readdir(folder.path)).toEqual([])
    } finally {
      await folder.remove()
    }
  })

  it('operands stand behind -- and are never options', async () => {
    const folder = await temporaryFolder('argv')
    const names = ['--help', '-rf', '$(touch canary)', "it's", 'a b', ';ls']
    try {
      const [command, ...args] = shellArguments({
        command: 'touch',
        options: ['-m'],
        operands: names,
        allowedCommands: ['touch'],
      })
      await run(command, args, { cwd: folder.path })
      expect((await readdir(folder.path)).sort()).toEqual([...names].sort())
    } finally {
      await folder.remove()
    }
  })

  it('refuses programs off the list, and what no argument can hold', () => {
    const allowedCommands = ['git']
    expect(shellArguments({ command: 'git', options: ['status'], allowedCommands })).toEqual([
      'git',
      'status',
    ])
    expect(() => shellArguments({ command: 'sh', allowedCommands })).toThrow(
      expect.objectContaining({ code: 'COMMAND_NOT_ALLOWED' }),
    )
    for (const operand of ['a\0b', '\udfff']) {
      expect(() => shellArguments({ command: 'git', operands: [operand], allowedCommands })).toThrow(
        notEncodable('an argument'),
      )
      expect(() => quotePosixForDisplay([operand])).toThrow(notEncodable('an argument'))
    }
  })
})

describe('CSV', () => {
  let database: PGlite
  beforeAll(async () => {
    database = await emptyPglite()
    await database.exec('CREATE TABLE cells (id serial, a text, b text, c text)')
  })
  afterAll(() => database.close())

  it('PostgreSQL reads the rows back, an apostrophe before formulas aside', async () => {
    const cell = fc.oneof(
      textWithoutNul,
      fc.constantFrom('=1+1', '@sum', '-1', '+1.5', '-1+1', "'=1", ' =1', '\t=1'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 40 }),
        async (rows) => {
          await database.exec('TRUNCATE cells')
          await database.query("COPY cells (a, b, c) FROM '/dev/blob' WITH (FORMAT csv)", [], {
            blob: new Blob([rows.map(encodeCsvRow).join('')]),
          })
          const read = await database.query<{ a: string; b: string; c: string }>(
            'SELECT a, b, c FROM cells ORDER BY id',
          )
          const without = read.rows.map(({ a, b, c }) => [a, b, c].map(withoutGuard))
          expect(without).toEqual(rows)
        },
      ),
      {
        numRuns: 25,
        examples: [[HOSTILE.map((one): [string, string, string] => [one, `${one},`, `"${one}"`])]],
      },
    )
  })

  it.each(['=1+1', '+cmd', '-1+1', '@sum', '\t=1', '\r=1', ' =1', '\u200b=1', '＝1+1', "'=1"])(
    'guards %j',
    (value) => {
      expect(encodeCsvCell(value)).toMatch(/^"'/)
    },
  )

  it.each(['-12.5', '+3', '1-2', "O'Brien", "'tis", 'a=b', '', 'ünï', 'x@example.org', '100 %', '%0A', '|'])(
    'leaves %j alone',
    (value) => {
      expect(encodeCsvCell(value)).toBe(`"${value}"`)
    },
  )
})

/** The apostrophe that the encoder added is the one before a formula, before those that the text has itself. */
function withoutGuard(cell: string): string {
  return cell.startsWith("'") && encodeCsvCell(cell.slice(1)) === `"${cell.replaceAll('"', '""')}"`
    ? cell.slice(1)
    : cell
}

describe('log line', () => {
  it('is one printable line that can be read back', () => {
    fc.assert(
      fc.property(
        fc.oneof(text, fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) })),
        (value) => {
          const line = encodeLogLine(value)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested.
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
          expect(line.isWellFormed()).toBe(true)
          expect(JSON.parse(`"${line.replaceAll('"', '\\"')}"`)).toBe(value)
        },
      ),
    )
  })

  it('says how much it cut', () => {
    expect(encodeLogLine('a\nbcdef', { maxCharacters: 3 })).toBe('a\\nb… (4 more)')
    expect(() => encodeLogLine('a', { maxCharacters: 0 })).toThrow(invalidOption('maxCharacters'))
  })
})
