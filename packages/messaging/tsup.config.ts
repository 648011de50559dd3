import { defineConfig, type Options } from 'tsup'
import { packageBuild } from '../../tools/package-build.ts'

const options: Options = packageBuild({ migrationModules: ['messaging'] })
export default defineConfig(options)
