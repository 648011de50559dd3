import { defineConfig, type Options } from 'tsup'
import { packageBuild } from '../../tools/package-build.ts'

const options: Options = packageBuild({
  workers: ['adapters/quickjs/quickjs-worker', 'adapters/pyodide/pyodide-child'],
})
export default defineConfig(options)
