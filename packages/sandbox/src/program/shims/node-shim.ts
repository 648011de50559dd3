import { NODE_PIECES } from './node-pieces.ts'

/**
 * Waits in a started Node for one program, runs it in this very process as a CommonJS module, or as an ES module where it
 * is one by its syntax, and sends back, when the process exits, its code and what lies below `out/`. A program that ends the
 * process otherwise loses both. Its own names are those of a block, which a program cannot see.
 */
export const NODE_SHIM: string = `
'use strict'
{
const fs = require('node:fs')
const take = (size) => {
  const buffer = Buffer.alloc(size)
  let used = 0
  while (used < size) {
    const read = fs.readSync(0, buffer, used, size - used, null)
    if (read === 0) process.reallyExit(97)
    used += read
  }
  return buffer
}
${NODE_PIECES}
fs.mkdirSync('/tmp/work')
process.chdir('/tmp/work')
put(1, Buffer.from('R'))
const [nonce, blocks] = take(128).toString().split(' ')
let left = Number(blocks)
let code = ''
const argv = []
while (left > 0) {
  const block = take(512)
  left--
  const name = block.subarray(0, 100).toString().replace(/\\0.*/s, '')
  const size = name === '' ? 0 : Number.parseInt(block.subarray(124, 135).toString(), 8)
  const count = Math.ceil(size / 512)
  const body = take(count * 512).subarray(0, size)
  left -= count
  if (name === 'c') code = body.toString()
  else if (name.startsWith('a/')) argv.push(body.toString())
  else if (name.startsWith('e/')) process.env[name.slice(2)] = body.toString()
  else if (name.startsWith('w/') && !name.endsWith('/')) {
    const path = name.slice(2)
    if (path.includes('/')) fs.mkdirSync(path.replace(/[/][^/]*$/, ''), { recursive: true })
    fs.writeFileSync(path, body)
  }
}
fs.mkdirSync('out', { recursive: true })
process.argv = [process.argv[0], '/tmp/work/main.js', ...argv]
process.execArgv.length = 0
const { createRequire } = require('node:module')
const { inspect } = require('node:util')
const { compileFunction } = require('node:vm')
const report = (error) => {
  const text = inspect(error).replace(/\\n +at (process.emit [(])?\\[eval\\]:[^]*?(?= \\{\\n|$)/, '')
  put(2, Buffer.from(text + '\\n'))
}
process.on('uncaughtExceptionMonitor', (error) => {
  if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return
  // Node itself prints it after the listeners of 'exit', and so after the end of what the host reads.
  report(error)
})
const before = process.cpuUsage()
let isTold = false
const tell = (status) => {
  if (isTold) return
  isTold = true
  const { user, system } = process.cpuUsage(before)
  const { maxRSS } = process.resourceUsage()
  const usage = ' ' + Math.round((user + system) / 1000) + (maxRSS > 0 ? ' ' + maxRSS : '')
  put(2, Buffer.from(nonce))
  put(1, Buffer.from(nonce + ' ' + (status & 255) + usage + '\\n'))
  send('/tmp/work/out')
  put(1, Buffer.alloc(1024))
}
const { emit, reallyExit } = process
// The program's listeners of 'exit' come first: they may write, and change the code.
process.emit = (name, ...args) => {
  if (name !== 'exit') return emit.call(process, name, ...args)
  // A listener that exits once more does not return.
  process.reallyExit = (status) => {
    tell(status)
    reallyExit.call(process, status)
  }
  try {
    return emit.call(process, name, ...args)
  } catch (error) {
    report(error)
    process.exitCode = 1 // as Node ends such a program
  } finally {
    tell(process.exitCode ?? args[0])
  }
}
const names = ['exports', 'require', 'module', '__filename', '__dirname']
const file = '/tmp/work/main.js'
let program
try {
  program = compileFunction(code, names, { filename: file })
} catch (error) {
  // The words of V8 for what only an ES module may hold, and for an await among arguments or before a word of the language.
  const isOfModules = /outside a module|Unexpected token 'export'|await is only valid/.test(error.message)
  const isOfAwait = /^(missing [)] after argument list|Unexpected reserved word)$/.test(error.message)
  if (!isOfModules && !(isOfAwait && code.includes('await'))) throw error
  fs.writeFileSync('main.mjs', code)
  let isSettled = false
  process.on('beforeExit', () => {
    if (isSettled || process.exitCode !== undefined) return
    process.exitCode = 13 // as Node ends such a program
    put(2, Buffer.from('The program waits for a promise that nothing is left to settle\\n'))
  })
  import('/tmp/work/main.mjs').then(() => (isSettled = true))
}
const main = { exports: {} }
program?.call(main.exports, main.exports, createRequire(file), main, file, '/tmp/work')
}
`
