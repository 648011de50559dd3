import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['golden-arch-source'] },
  ssr: { resolve: { conditions: ['golden-arch-source'] } },
  test: {
    include: ['{packages,internal,examples}/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
    globalSetup: ['internal/testkit/src/vitest/global-setup.ts'],
    reporters: ['default', './internal/testkit/src/vitest/closing-line-reporter.ts'],
    typecheck: { enabled: false },
    pool: 'forks',
    // V8 can end the process when it frees code of WebAssembly, PGlite's: https://github.com/nodejs/node/issues/64500.
    execArgv: ['--no-wasm-code-gc'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['{packages,examples}/*/src/**/*.ts'],
      // What tests are made of, and files that run as a process of their own, whose counts stay there.
      exclude: [
        '**/*.test.ts',
        '**/*.contract.ts',
        '**/testing/**',
        '**/*.fixture.ts',
        '**/*-process.ts',
        '**/*-child.ts',
      ],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 90, branches: 85 },
    },
  },
})
