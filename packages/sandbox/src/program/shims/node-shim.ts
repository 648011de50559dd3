/**
 * Waits in a started Node for one program, runs it as a CommonJS module in this very process, and sends back, when the
 * process exits, its code and what lies below `out/`. A program that ends the process otherwise loses both.
 */
export const NODE_SHIM: string = `
'use strict'
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
const pause = new Int32Array(new SharedArrayBuffer(4))
const put = (fd, data) => {
  let used = 0
  while (used < data.length) {
    try {
      used += fs.writeSync(fd, data, used)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}
const entry = (name, size, kind) => {
  const block = Buffer.alloc(512)
  const raw = Buffer.from(name)
  raw.copy(block, 0, 0, 100)
  block.write('0000644\\0', 100)
  block.write(size.toString(8).padStart(11, '0') + '\\0', 124)
  block.write('        ', 148)
  block.write(raw.length > 100 ? 'L' : kind, 156)
  block.write('ustar\\x0000', 257)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(sum.toString(8).padStart(6, '0') + '\\0 ', 148)
  return block
}
const send = (folder) => {
  let entries = []
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true })
  } catch {}
  for (const each of entries) {
    const path = folder + '/' + each.name
    try {
      if (each.isDirectory()) send(path)
      else if (!each.isFile()) put(1, entry(path, 0, '2'))
      else {
        const body = fs.readFileSync(path)
        put(1, entry(path, body.length, '0'))
        put(1, body)
        put(1, Buffer.alloc((512 - (body.length % 512)) % 512))
      }
    } catch {
      put(1, entry(path, 0, '3'))
    }
  }
}
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
const before = process.cpuUsage()
process.on('exit', (status) => {
  const { user, system } = process.cpuUsage(before)
  const { maxRSS } = process.resourceUsage()
  const usage = ' ' + Math.round((user + system) / 1000) + (maxRSS > 0 ? ' ' + maxRSS : '')
  put(2, Buffer.from(nonce))
  put(1, Buffer.from(nonce + ' ' + (process.exitCode ?? status) + usage + '\\n'))
  send('out')
  put(1, Buffer.alloc(1024))
})
const { createRequire } = require('node:module')
const { compileFunction } = require('node:vm')
const main = { exports: {} }
const names = ['exports', 'require', 'module', '__filename', '__dirname']
compileFunction(code, names, { filename: '/tmp/work/main.js' })
  .call(main.exports, main.exports, createRequire('/tmp/work/main.js'), main, '/tmp/work/main.js', '/tmp/work')
`
