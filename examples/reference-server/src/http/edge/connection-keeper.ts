import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { addressKey } from '@golden-arch/core/security'
import type { AnswersUnderWay } from './answers-under-way.ts'
import { type ConnectionLife, isOverdue, lookAgain } from './connection-life.ts'
import type { EdgeLimits } from './edge-limits.ts'

/**
 * Lets go of the clients that hold connections for nothing: those that do not read their answers, those that keep an idle
 * connection alive without a request, and each that comes when its address has `maxConnectionsPerAddress` of them. Once the
 * server closes, those go too that have asked nothing yet: HTTP would give them a minute, and the stop would wait for them.
 * Addresses that `isProxy` says are ours have no such bound: everybody comes through them.
 */
export function keepConnections(
  server: Server,
  underWay: AnswersUnderWay,
  limits: EdgeLimits,
  isProxy: (address: string) => boolean,
): void {
  const lives = new Map<Socket, ConnectionLife | undefined>()
  const openByAddress = new Map<string, number>()

  server.prependListener('connection', (socket: Socket) => {
    lives.set(socket, undefined)
    socket.once('close', () => lives.delete(socket))
    const { remoteAddress = '' } = socket
    if (isProxy(remoteAddress)) return
    const key = addressKey(remoteAddress)
    const open = openByAddress.get(key) ?? 0
    if (open >= limits.maxConnectionsPerAddress) {
      socket.destroy()
      return
    }
    openByAddress.set(key, open + 1)
    socket.once('close', () => {
      const left = (openByAddress.get(key) ?? 1) - 1
      if (left === 0) openByAddress.delete(key)
      else openByAddress.set(key, left)
    })
  })

  const timer = setInterval(() => {
    const now = performance.now()
    for (const [socket, before] of lives) {
      const facts = {
        requests: underWay.requestsOf(socket),
        isBusy: underWay.isBusy(socket),
        unsentBytes: socket.writableLength,
        writtenBytes: socket.bytesWritten,
      }
      const life = lookAgain(before, facts, now)
      lives.set(socket, life)
      // Twice seen: what a client has just sent to a connection just made may be on its way.
      const isMute = !server.listening && before !== undefined && socket.bytesRead === 0
      if (isMute || isOverdue(life, limits, now)) socket.destroy()
    }
  }, limits.lateCheckIntervalMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}
