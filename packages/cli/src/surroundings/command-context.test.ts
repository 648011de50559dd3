import { userInfo } from 'node:os'
import { afterEach, expect, test, vi } from 'vitest'
import { silentContext } from '../testing/silent-context.ts'

vi.mock('node:os', { spy: true })
afterEach(() => {
  // What stands in for a function of a module is not among those that are restored.
  vi.mocked(userInfo).mockReset()
  vi.restoreAllMocks()
})

const context = silentContext()

test('whoever runs a command acts under the name that the system gives them', () => {
  expect(context.userName).toBe(userInfo().username)
})

test('where no name belongs to the number that a container runs under, its number stands for it', () => {
  vi.mocked(userInfo).mockImplementation(() => {
    throw new Error('uv_os_get_passwd returned ENOENT')
  })
  expect(context.userName).toBe(String(process.getuid?.()))
  vi.spyOn(process, 'getuid').mockReturnValue(12_345)
  expect(context.userName).toBe('12345')
})
