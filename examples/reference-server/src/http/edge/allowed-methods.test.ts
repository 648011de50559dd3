import { expect, it } from 'vitest'
import { AllowedMethods } from './allowed-methods.ts'

it('knows the methods of a path, whatever stands in the place of its names', () => {
  const allowed = new AllowedMethods()
  allowed.add('/api/v1/tasks', ['GET'])
  allowed.add('/api/v1/tasks', ['POST'])
  allowed.add('/api/v1/tasks/:id', ['GET'])
  allowed.add('/.well-known/jwks.json', ['GET'])
  expect(allowed.of('/api/v1/tasks?limit=1')).toEqual(['GET', 'POST'])
  expect(allowed.of('/api/v1/tasks/a%2Fb')).toEqual(['GET'])
  expect(allowed.of('/.well-known/jwks.json')).toEqual(['GET'])
  for (const path of ['/api/v1/tasks/', '/api/v1/tasks/a/b', '/xwell-known/jwks.json', '/', '', '*']) {
    expect(allowed.of(path)).toEqual([])
  }
})
