import { defineConfig, type Options } from 'tsup'
import { packageBuild } from '../../tools/package-build.ts'

const options: Options = packageBuild({ migrationModules: ['budget'] })
export default defineConfig(options)
