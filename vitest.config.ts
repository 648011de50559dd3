import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['golden-arch-source'] },
  ssr: { resolve: { conditions: ['golden-arch-source'] } },
  test: {
    include: ['{packages,internal,examples}/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
    typecheck: { enabled: false },
  },
})
