import { describeWithService } from '@golden-arch/testkit'
import { describeDockerBackend } from './docker-backend.contract.ts'

describeWithService('docker', 'the Docker backend', (address) => describeDockerBackend(address, 'runc'))
