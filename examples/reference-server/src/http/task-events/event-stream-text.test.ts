import { expect, it } from 'vitest'
import { streamText } from './event-stream-text.ts'

it('a message is of lines of its own, whatever its data holds', () => {
  expect(streamText({ id: '1.2', event: 'task.created', data: { title: 'a\nb\r\n\ndata: c' } })).toBe(
    'id: 1.2\nevent: task.created\ndata: {"title":"a\\nb\\r\\n\\ndata: c"}\n\n',
  )
})
