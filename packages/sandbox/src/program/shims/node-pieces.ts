/**
 * Functions of the Node shim and of the sessions: writing to the host, and sending what lies below a folder as a tar archive,
 * without its end. They need `fs`.
 */
export const NODE_PIECES: string = `
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
const send = (folder, to = 'out') => {
  let entries = []
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true })
  } catch {}
  for (const each of entries) {
    const path = folder + '/' + each.name
    const name = to + '/' + each.name
    try {
      if (each.isDirectory()) send(path, name)
      else if (!each.isFile()) put(1, entry(name, 0, '2'))
      else {
        const body = fs.readFileSync(path)
        put(1, entry(name, body.length, '0'))
        put(1, body)
        put(1, Buffer.alloc((512 - (body.length % 512)) % 512))
      }
    } catch {
      put(1, entry(name, 0, '3'))
    }
  }
}
`
