import { defineConfig, type Options } from 'tsup'
import { packageBuild } from '../../tools/package-build.ts'

const options: Options = packageBuild({ workers: ['adapters/quickjs/quickjs-worker'] })
export default defineConfig(options)
