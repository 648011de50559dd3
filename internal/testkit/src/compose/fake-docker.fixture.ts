/**
 * Stands in for `docker`: writes down each call and, for `up` and `start`, runs a server that answers as Redis does on
 * SERVICE_PORT, which `kill`, `stop` and `down` end. FAKE_DOCKER names the folder for its notes.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

const folder = process.env.FAKE_DOCKER ?? ''
const pidFile = join(folder, 'pid')
const words = process.argv.slice(2)

if (words[0] === 'serve') {
  createServer((socket) => socket.on('data', () => socket.write('redis_version:7.4.0\r\n'))).listen(
    Number(words[1]),
    '127.0.0.1',
  )
} else {
  appendFileSync(join(folder, 'calls'), `${words.join(' ')}\n`)
  if (words.some((word) => ['up', 'start'].includes(word))) {
    const args = [import.meta.filename, 'serve', process.env.SERVICE_PORT ?? '']
    const server = spawn(process.execPath, args, { detached: true, stdio: 'ignore' })
    writeFileSync(pidFile, String(server.pid))
    server.unref()
  }
  if (words.some((word) => ['kill', 'stop', 'down'].includes(word)) && existsSync(pidFile)) {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    rmSync(pidFile)
  }
}
