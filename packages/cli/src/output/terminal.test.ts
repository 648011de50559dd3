import { expect, test } from 'vitest'
import { Terminal } from './terminal.ts'
import { oneLine, textTable } from './text-table.ts'

function terminalOf(options: { isTty: boolean; isJson?: boolean; isColourAllowed?: boolean }) {
  const written = { stdout: '', stderr: '' }
  const terminal = new Terminal({
    stdout: { isTTY: options.isTty, write: (text) => (written.stdout += text) },
    stderr: { isTTY: options.isTty, columns: 20, write: (text) => (written.stderr += text) },
    isJson: options.isJson ?? false,
    isColourAllowed: options.isColourAllowed ?? true,
  })
  return { terminal, written }
}

test('outside a terminal there is no progress and no colour', () => {
  const { terminal, written } = terminalOf({ isTty: false })
  terminal.progress('working')
  terminal.say(terminal.paint('red', 'done'))
  expect(written).toEqual({ stdout: 'done\n', stderr: '' })
})

test('on a terminal, progress is cut to the width and cleared before the next line', () => {
  const { terminal, written } = terminalOf({ isTty: true })
  terminal.progress('a text that is wider than the terminal')
  terminal.say(terminal.paint('red', 'done'))
  expect(written.stderr).toBe('\r\u001b[2Ka text that is wide\r\u001b[2K')
  expect(written.stdout).toBe('\u001b[31mdone\u001b[39m\n')
})

test('without colours a terminal gets none', () => {
  const { terminal } = terminalOf({ isTty: true, isColourAllowed: false })
  expect(terminal.paint('red', 'done')).toBe('done')
})

test('where JSON is asked for, the document is all there is', () => {
  const { terminal, written } = terminalOf({ isTty: true, isJson: true })
  terminal.progress('working')
  terminal.say('a line')
  terminal.complain('a complaint')
  terminal.document({ ok: true })
  expect(written).toEqual({ stdout: '{\n  "ok": true\n}\n', stderr: '' })
})

test('columns are as wide as their widest cell, and no cell can steer the terminal', () => {
  expect(
    textTable(
      ['ID', 'TEXT'],
      [
        [1n, 'a\u001b[2Jb\nc'],
        [100, ''],
      ],
    ),
  ).toEqual(['ID   TEXT', '1    a [2Jb c', '100'])
  expect(oneLine('a\tb\u009bc')).toBe('a b c')
})
