import { defineConfig } from 'vitest/config'

/** The tests of the built site; the ordinary ones do not build it. */
export default defineConfig({
  root: 'docs/.vitepress',
  resolve: { conditions: ['golden-arch-source'] },
  ssr: { resolve: { conditions: ['golden-arch-source'] } },
  test: { include: ['*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
})
