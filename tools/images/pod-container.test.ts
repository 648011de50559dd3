import { expect, it } from 'vitest'
import type { Manifest } from '../kubernetes/manifests/manifest.ts'
import { workloadsOf } from '../kubernetes/manifests/workload.ts'
import { containerOf } from './pod-container.ts'

const MANIFESTS: readonly Manifest[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'shared' },
    data: { PORT: '80', LOG_LEVEL: 'info' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'one' },
    spec: {
      template: {
        spec: {
          securityContext: { runAsUser: 7, runAsGroup: 8 },
          containers: [
            {
              name: 'server',
              args: ['--roles', 'one'],
              envFrom: [{ configMapRef: { name: 'shared' } }],
              env: [
                { name: 'LOG_LEVEL', value: 'debug' },
                { name: 'KEY_FILE', value: '/secrets/KEY' },
              ],
              resources: { limits: { cpu: '500m', memory: '64Mi' } },
              securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              volumeMounts: [
                { name: 'temporary', mountPath: '/tmp' },
                { name: 'keys', mountPath: '/secrets', readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'temporary', emptyDir: { sizeLimit: '1Mi' } },
            { name: 'keys', secret: { secretName: 'own' } },
          ],
        },
      },
    },
  },
]

it('a container has what its pod has: user, root, rights, limits, mounts and words', () => {
  const [workload] = workloadsOf(MANIFESTS)
  if (workload === undefined) throw new Error('there is a Deployment')
  const place = {
    image: 'i',
    network: 'n',
    manifests: MANIFESTS,
    secretFolder: (name: string) => `/at/${name}`,
  }
  expect(containerOf(workload, { ...place, variables: { PORT: '81' } })).toEqual({
    Image: 'i',
    Cmd: ['--roles', 'one'],
    Env: ['PORT=81', 'LOG_LEVEL=debug', 'KEY_FILE=/secrets/KEY'],
    User: '7:8',
    HostConfig: {
      NetworkMode: 'n',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 64 * 2 ** 20,
      MemorySwap: 64 * 2 ** 20,
      NanoCpus: 5e8,
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777,size=1048576' },
      Binds: ['/at/own:/secrets:ro'],
    },
  })
})
