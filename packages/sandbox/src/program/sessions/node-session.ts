import { NODE_PIECES } from '../shims/node-pieces.ts'

/**
 * A program for the Node shim that takes steps from standard input and runs them as scripts in its own global scope, one after
 * the other; a promise as the value of a step is waited for. What a step leaves running goes on. An error that nothing
 * catches fails the step; `process.exit` ends the session.
 */
export const NODE_SESSION: string = `
const fs = require('node:fs')
const { createRequire } = require('node:module')
const { inspect } = require('node:util')
const { runInThisContext } = require('node:vm')
${NODE_PIECES}
const [mark] = process.argv.splice(2, 1)
globalThis.require = createRequire('/tmp/work/step.js')
const take = async (size) => {
  const buffer = Buffer.alloc(size)
  let used = 0
  while (used < size) {
    const read = await new Promise((resolve) => {
      fs.read(0, buffer, used, size - used, null, (error, count) => {
        if (error === null) resolve(count)
        else if (error.code === 'EAGAIN') setTimeout(resolve, 5, undefined)
        else resolve(0)
      })
    })
    if (read === 0) process.reallyExit(97)
    used += read ?? 0
  }
  return buffer
}
let fail = () => {}
const report = (error) => {
  put(2, Buffer.from(inspect(error) + '\\n'))
  fail()
}
process.on('uncaughtException', report)
const step = (code) =>
  new Promise((resolve) => {
    fail = () => resolve(1)
    const settle = async () => runInThisContext(code, { filename: '/tmp/work/step.js' })
    settle().then(() => resolve(0), report)
  })
const serve = async () => {
  for (;;) {
    const [nonce, size] = (await take(128)).toString().split(' ')
    const code = (await take(Number(size))).toString()
    const before = process.cpuUsage()
    put(1, Buffer.from(nonce))
    put(2, Buffer.from(nonce))
    const status = await step(code)
    const { user, system } = process.cpuUsage(before)
    const { maxRSS } = process.resourceUsage()
    const usage = ' ' + Math.round((user + system) / 1000) + (maxRSS > 0 ? ' ' + maxRSS : '')
    put(2, Buffer.from(mark))
    put(1, Buffer.from(mark + ':' + nonce + ' ' + status + usage + '\\n'))
    send('/tmp/work/out')
    put(1, Buffer.alloc(512))
  }
}
serve()
`
