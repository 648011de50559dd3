import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type ChannelBreach, RelayChannel, type RelayChannelOptions } from './relay-channel.ts'
import { MAX_FRAME_BYTES, RelayFrameReader, relayFrame, takenFrame, WINDOW_BYTES } from './relay-frames.ts'

/** A channel whose relay is the test. */
class Played {
  readonly connections: Duplex[] = []
  readonly breaches: ChannelBreach[] = []
  readonly sent: string[] = []
  sentBytes = 0
  /** Whether the relay takes what it is sent. */
  isTaking = true
  readonly channel: RelayChannel

  constructor(more: Partial<RelayChannelOptions> = {}) {
    const reader = new RelayFrameReader(({ kind, connection, data }) => {
      this.sent.push(`${kind} ${connection}`)
      if (kind === 'data') this.sentBytes += data.length
    })
    this.channel = new RelayChannel({
      maxConnections: 2,
      maxTotalConnections: 100,
      maxBytes: 10_000_000,
      send: (data, onSent) => {
        reader.push(data)
        if (this.isTaking) onSent()
      },
      onConnection: (connection) => this.connections.push(connection),
      onBreach: (breach) => this.breaches.push(breach),
      ...more,
    })
  }

  say(kind: Parameters<typeof relayFrame>[0], connection = 1, bytes = 0): void {
    this.channel.push(relayFrame(kind, connection, Buffer.alloc(bytes, 'x')))
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the connections of a sandbox', () => {
  it('carry bytes in both directions, and their ends', async () => {
    const played = new Played()
    played.say('open')
    const [connection] = played.connections
    let heard = ''
    connection?.on('data', (part) => {
      heard += part
    })
    played.say('data', 1, 5)
    await settled()
    played.say('end')
    connection?.end('answer')
    await settled()
    expect(heard).toBe('xxxxx')
    await settled()
    expect(played.sent).toEqual(['taken 1', 'data 1', 'end 1', 'close 1'])
    expect(played.channel.count).toBe(0)
    expect(played.breaches).toEqual([])
  })

  it('are refused beyond their number, thousands of them too, while those that are open go on', async () => {
    const played = new Played()
    for (let id = 1; id <= 5000; id++) played.say('open', id)
    expect(played.connections).toHaveLength(2)
    expect(played.channel.count).toBe(2)
    expect(played.sent.filter((each) => each.startsWith('close'))).toHaveLength(4998)
    played.say('data', 2, 3)
    expect(String(played.connections[1]?.read())).toBe('xxx')
  })

  it('are refused beyond their number in all', async () => {
    const played = new Played({ maxTotalConnections: 3 })
    for (let id = 1; id <= 5; id++) {
      played.say('open', id)
      played.say('close', id)
      await settled()
    }
    expect(played.connections).toHaveLength(3)
    expect(played.channel.count).toBe(0)
  })

  it('send a slow reader no more than the window', async () => {
    const played = new Played()
    played.say('open')
    let isWritten = false
    played.connections[0]?.write(Buffer.alloc(WINDOW_BYTES * 2), () => {
      isWritten = true
    })
    await settled()
    expect(played.sentBytes).toBe(WINDOW_BYTES)
    expect(isWritten).toBe(false)
    played.channel.push(takenFrame(1, 1000))
    expect(played.sentBytes).toBe(WINDOW_BYTES + 1000)
    played.channel.push(takenFrame(1, WINDOW_BYTES))
    await settled()
    expect(played.sentBytes).toBe(WINDOW_BYTES * 2)
    expect(isWritten).toBe(true)
    expect(played.breaches).toEqual([])
  })

  it.each<[string, (played: Played) => void]>([
    ['a letter that is none', (played) => played.channel.push(Buffer.from('nonsense'))],
    ['a second opening', (played) => played.say('open')],
    [
      'more data than the window',
      (played) => {
        for (let sent = 0; sent <= WINDOW_BYTES; sent += MAX_FRAME_BYTES)
          played.say('data', 1, MAX_FRAME_BYTES)
      },
    ],
    [
      'data after its end',
      (played) => {
        played.say('end')
        played.say('data', 1, 1)
      },
    ],
    ['more taken than was sent', (played) => played.channel.push(takenFrame(1, 1))],
  ])('are all closed for good after %s', async (_title, misbehave) => {
    const played = new Played()
    played.say('open')
    misbehave(played)
    expect(played.breaches).toEqual(['nonsense'])
    expect(played.connections[0]?.destroyed).toBe(true)
    await settled()
    played.say('open', 2)
    expect(played.connections).toHaveLength(1)
    expect(played.channel.count).toBe(0)
  })

  it('are all closed once they carried too many bytes, in either direction', async () => {
    const inwards = new Played({ maxBytes: 2000 })
    inwards.say('open')
    inwards.say('data', 1, 1500)
    expect(inwards.breaches).toEqual([])
    inwards.say('data', 1, 501)
    expect(inwards.breaches).toEqual(['too-many-bytes'])
    const outwards = new Played({ maxBytes: 2000 })
    outwards.say('open')
    outwards.connections[0]?.write(Buffer.alloc(2001))
    expect(outwards.breaches).toEqual(['too-many-bytes'])
  })

  it('count all that the relay says towards the bytes, and all that it is answered', () => {
    const frames: Parameters<typeof relayFrame>[] = [
      ['open', 9],
      ['data', 9, Buffer.alloc(1)],
      ['end', 9],
    ]
    for (const frame of frames) {
      const played = new Played({ maxBytes: 10_000, maxConnections: 1 })
      played.say('open')
      let said = 0
      for (; said < 10_000 && played.breaches.length === 0; said++) played.channel.push(relayFrame(...frame))
      expect(played.breaches).toEqual(['too-many-bytes'])
      expect(said * relayFrame(...frame).length).toBeLessThanOrEqual(10_000)
      const sent = played.sent.length
      played.say('open', 10)
      expect(played.sent).toHaveLength(sent)
    }
  })

  it('are all closed where the relay leaves too much of what it is sent, or too many pieces', () => {
    for (const [limit, provoke] of [
      [2000, (played: Played) => played.say('open', 9)],
      [
        100,
        (played: Played) => {
          played.connections[0]?.write(Buffer.alloc(MAX_FRAME_BYTES))
          played.channel.push(takenFrame(1, MAX_FRAME_BYTES))
        },
      ],
    ] as const) {
      const played = new Played({ maxConnections: 1, maxBytes: 1e9 })
      played.say('open')
      for (let index = 0; index < 3000; index++) provoke(played)
      expect(played.breaches).toEqual([])
      played.isTaking = false
      let untaken = 0
      for (; untaken < 3000 && played.breaches.length === 0; untaken++) provoke(played)
      expect(played.breaches).toEqual(['untaken'])
      expect(untaken).toBeLessThan(limit)
    }
  })

  it('bear a relay that takes nothing for as long as their windows last', () => {
    const played = new Played({ maxConnections: 2 })
    played.isTaking = false
    for (const id of [1, 2]) played.say('open', id)
    for (const connection of played.connections)
      for (let sent = 0; sent < WINDOW_BYTES; sent += 1448) connection.write(Buffer.alloc(1448))
    expect(played.sentBytes).toBe(WINDOW_BYTES * 2)
    expect(played.breaches).toEqual([])
  })

  it('may be spoken of for a while after their end', () => {
    const played = new Played()
    for (const kind of ['end', 'close'] as const) played.say(kind, 7)
    played.say('data', 7, 1)
    expect(played.breaches).toEqual([])
  })
})
