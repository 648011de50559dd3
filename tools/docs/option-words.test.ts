import { expect, it } from 'vitest'
import { optionWords } from './option-words.ts'

it.each([
  ['Milliseconds, 1 to 10. Default 5.', 'Milliseconds, 1 to 10.', '5'],
  ['Bytes.\n  Default 30000 (30 seconds). Never more.', 'Bytes. Never more.', '30000 (30 seconds)'],
  ['A share. Default 0.5.', 'A share.', '0.5'],
  ['Default: none.', '', 'none'],
  ['As {@link sleep } does. Default {@link x}.', 'As `sleep` does.', '`x`'],
  ['Where budgets live.', 'Where budgets live.', undefined],
])('reads %j', (docstring, what, standard) => {
  expect(optionWords(docstring)).toEqual({ what, standard })
})
