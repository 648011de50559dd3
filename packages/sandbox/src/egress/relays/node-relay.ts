import { MAX_FRAME_BYTES, WINDOW_BYTES } from '../relay-frames.ts'
import { RELAY_PORT } from '../relay-place.ts'

/**
 * Listens in a sandbox and carries what comes in frames over its standard streams, for Node. It writes `R` once it listens. Both
 * windows bound what it keeps.
 */
export const NODE_RELAY: string = `
'use strict'
const net = require('node:net')
const carried = new Map()
const put = (kind, number, data = Buffer.alloc(0)) => {
  const header = Buffer.from(kind + '____')
  header.writeUInt16BE(number, 1)
  header.writeUInt16BE(data.length, 3)
  process.stdout.write(Buffer.concat([header, data]))
}
const flush = (number, each) => {
  while (each.unsent.length > 0 && each.credit > 0) {
    const part = each.unsent.subarray(0, Math.min(each.credit, ${MAX_FRAME_BYTES}))
    each.unsent = each.unsent.subarray(part.length)
    each.credit -= part.length
    put('D', number, part)
  }
  if (each.unsent.length > 0) return
  if (each.hasEnded) {
    if (!each.saidEnd) put('E', number)
    each.saidEnd = true
  } else each.socket.resume()
}
let counter = 0
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  counter = (counter % 65535) + 1
  while (carried.has(counter)) counter = (counter % 65535) + 1
  const number = counter
  const each = { socket, unsent: Buffer.alloc(0), credit: ${WINDOW_BYTES}, hasEnded: false, saidEnd: false }
  carried.set(number, each)
  put('O', number)
  socket.on('data', (data) => {
    each.unsent = Buffer.concat([each.unsent, data])
    socket.pause()
    flush(number, each)
  })
  socket.on('end', () => {
    each.hasEnded = true
    flush(number, each)
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    if (carried.delete(number)) put('X', number)
  })
})
server.maxConnections = 128
let heard = Buffer.alloc(0)
process.stdin.on('end', () => process.exit(0))
process.stdin.on('data', (data) => {
  heard = Buffer.concat([heard, data])
  while (heard.length >= 5) {
    const kind = String.fromCharCode(heard[0])
    const number = heard.readUInt16BE(1)
    const length = heard.readUInt16BE(3)
    if (heard.length < 5 + length) break
    const body = Buffer.from(heard.subarray(5, 5 + length))
    heard = heard.subarray(5 + length)
    const each = carried.get(number)
    if (each === undefined) continue
    if (kind === 'D') {
      each.socket.write(body, (error) => {
        if (error) return
        const taken = Buffer.alloc(4)
        taken.writeUInt32BE(body.length)
        put('A', number, taken)
      })
    } else if (kind === 'A') {
      each.credit += body.readUInt32BE()
      flush(number, each)
    } else if (kind === 'E') each.socket.end()
    else if (kind === 'X') {
      carried.delete(number)
      each.socket.destroy()
    }
  }
})
server.listen(${RELAY_PORT}, '127.0.0.1', () => put('R', 0))
`
